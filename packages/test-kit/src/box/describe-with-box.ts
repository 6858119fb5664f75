import {boxRefusal} from './box-refusal.ts';

// Jest's own globals and not an import: so this package also loads in a fixture program.
interface JestGlobals {
  readonly describe: ((title: string, body: () => void) => void) & {
    readonly skip: (title: string, body: () => void) => void;
  };
  readonly test: (title: string, body: () => void) => void;
}

/**
 * A suite that boots systemd boxes. Where this account or kernel may not, it is skipped and its title says why; so it is where a
 * program is missing, but with KEELSON_REQUIRE_REAL=1 that fails.
 */
export function describeWithBox(title: string, body: () => void): void {
  const {describe, test} = globalThis as unknown as JestGlobals;
  const refusal = boxRefusal();
  if (refusal === undefined) return describe(title, body);
  const named = `${title} (no systemd box here: ${refusal.because})`;
  if (refusal.missing.length === 0 || process.env['KEELSON_REQUIRE_REAL'] !== '1')
    return describe.skip(named, body);
  describe(named, () => {
    test('needs real programs', () => {
      throw new Error(`not installed, but KEELSON_REQUIRE_REAL=1: ${refusal.missing.join(', ')}`);
    });
  });
}
