import {describeUnless} from '../describe-with.ts';
import {boxRefusal} from './box-refusal.ts';

/**
 * A suite that boots systemd boxes. Where this account or kernel may not, it is skipped and its title says why; so it is where a
 * program is missing, but with KEELSON_REQUIRE_REAL=1 that fails.
 */
export function describeWithBox(title: string, body: () => void): void {
  const refusal = boxRefusal();
  describeUnless(refusal && {...refusal, because: `no systemd box here: ${refusal.because}`}, title, body);
}
