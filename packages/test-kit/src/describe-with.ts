import {accessSync, constants} from 'node:fs';
import {delimiter, resolve} from 'node:path';

// Jest's own globals and not an import: so this package also loads in a fixture program.
interface JestGlobals {
  readonly describe: ((title: string, body: () => void) => void) & {
    readonly skip: (title: string, body: () => void) => void;
  };
  readonly test: (title: string, body: () => void) => void;
}

/**
 * A suite against real programs, by name or absolute path. Where one is missing the suite is skipped and its title says which;
 * with KEELSON_REQUIRE_REAL=1 it fails instead.
 */
export function describeWith(programs: readonly string[], title: string, body: () => void): void {
  const {describe, test} = globalThis as unknown as JestGlobals;
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return describe(title, body);
  const named = `${title} (missing: ${missing.join(', ')})`;
  if (process.env['KEELSON_REQUIRE_REAL'] !== '1') return describe.skip(named, body);
  describe(named, () => {
    test('needs real programs', () => {
      throw new Error(`not installed, but KEELSON_REQUIRE_REAL=1: ${missing.join(', ')}`);
    });
  });
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
