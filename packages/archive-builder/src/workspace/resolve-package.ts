import {existsSync, realpathSync} from 'node:fs';
import {basename, dirname, join, relative} from 'node:path';

/**
 * The real folder of the package that a program in `from` (a real folder below `root`) gets by this name, as Node looks for it:
 * https://nodejs.org/api/modules.html#loading-from-node_modules-folders. Undefined: it gets none, or one outside of `root`.
 */
export function resolvePackage(root: string, from: string, name: string): string | undefined {
  for (let folder = from; isBelow(root, folder); folder = dirname(folder)) {
    if (basename(folder) === 'node_modules') continue;
    const found = join(folder, 'node_modules', name);
    if (!existsSync(join(found, 'package.json'))) continue;
    const real = realpathSync(found);
    return isBelow(root, real) ? real : undefined;
  }
  return undefined;
}

function isBelow(root: string, path: string): boolean {
  const inside = relative(root, path);
  return inside === '' || (inside !== '..' && !inside.startsWith('../'));
}
