import {spawnSync} from 'node:child_process';
import {dirname} from 'node:path';
import {fileURLToPath} from 'node:url';

import {describeUnless, missingOf, type Refusal} from './describe-with.ts';

/** `nobody`, of every Linux. */
const ANOTHER = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];

/** Has it load this very module, which stands for all of the repository. */
function closedToAnother(): Refusal | undefined {
  if (process.getuid?.() !== 0) return {missing: [], because: 'needs root'};
  const own = fileURLToPath(import.meta.url);
  const load = [process.execPath, '--input-type=module', '--eval', 'await import(process.argv[1])', own];
  const {status} = spawnSync('setpriv', [...ANOTHER, ...load], {cwd: '/', env: {PATH: process.env['PATH']}});
  if (status === 0) return undefined;
  return {missing: [], because: `this Node or ${dirname(own)} is closed to other accounts`};
}

/**
 * A suite, against real programs, in which root has another account run something of this repository. It is skipped by name too where
 * that account cannot: below a home that is closed, say, or in a clone that was made with a umask of 077.
 */
export function describeAsAnother(programs: readonly string[], title: string, body: () => void): void {
  describeUnless(missingOf([...programs, 'setpriv']) ?? closedToAnother(), title, body);
}
