import {existsSync, realpathSync} from 'node:fs';
import {delimiter, dirname, join} from 'node:path';
import {env} from 'node:process';
import {readPackageJson} from './read-package-json.ts';

/**
 * What `npm --version` would print, without starting it: the npm that PATH leads to says it in its package.json. Undefined where that
 * is a program of another kind, as version managers have them.
 */
export function versionOfNpm(): string | undefined {
  const found = (env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'npm'))
    .find((path) => existsSync(path));
  if (found === undefined) return undefined;
  try {
    const program = realpathSync(found);
    if (!/[\\/]npm[\\/]bin[\\/]npm-cli\.js$/.test(program)) return undefined;
    const {name, version} = readPackageJson(join(dirname(program), '../package.json')) as Readonly<
      Record<string, unknown>
    >;
    return name === 'npm' && typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
