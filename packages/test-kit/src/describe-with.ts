import {accessSync, constants} from 'node:fs';
import {delimiter, resolve} from 'node:path';

// Jest's own globals and not an import: so this package also loads in a fixture program.
interface JestGlobals {
  readonly describe: ((title: string, body: () => void) => void) & {
    readonly skip: (title: string, body: () => void) => void;
  };
  readonly test: (title: string, body: () => void) => void;
}

/** Why a suite cannot run here. A missing program is a matter of packages; the rest is this machine's, or the account's. */
export interface Refusal {
  readonly missing: readonly string[];
  readonly because: string;
}

/** A suite, or where it is refused one that is skipped and whose title says why; with KEELSON_REQUIRE_REAL=1 a missing program fails. */
export function describeUnless(refusal: Refusal | undefined, title: string, body: () => void): void {
  const {describe, test} = globalThis as unknown as JestGlobals;
  if (refusal === undefined) return describe(title, body);
  const {missing, because} = refusal;
  const named = `${title} (${because})`;
  if (missing.length === 0 || process.env['KEELSON_REQUIRE_REAL'] !== '1') return describe.skip(named, body);
  describe(named, () => {
    test('needs real programs', () => {
      throw new Error(`not installed, but KEELSON_REQUIRE_REAL=1: ${missing.join(', ')}`);
    });
  });
}

/** The refusal for want of programs, by name or absolute path. */
export function missingOf(programs: readonly string[]): Refusal | undefined {
  const missing = programs.filter((program) => !isInstalled(program));
  return missing.length === 0 ? undefined : {missing, because: `missing: ${missing.join(', ')}`};
}

/**
 * A suite against real programs, by name or absolute path. Where one is missing the suite is skipped and its title says which;
 * with KEELSON_REQUIRE_REAL=1 it fails instead.
 */
export function describeWith(programs: readonly string[], title: string, body: () => void): void {
  describeUnless(missingOf(programs), title, body);
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(resolve(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
