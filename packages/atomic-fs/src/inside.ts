import {isAbsolute, relative, resolve, sep} from 'node:path';
import {AtomicFsFault} from './fault.ts';

/** Whether `path` is `root` itself or below it. Lexical: symbolic links are not followed. */
export function isInside(root: string, path: string): boolean {
  const way = relative(resolve(root), resolve(root, path));
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * The absolute path of `path` below `root`. Lexical: symbolic links are not followed, so it guards names, not what links on disk point to.
 * Faults: PATH_OUTSIDE for a path that leaves `root`, an absolute path elsewhere, or one with a NUL.
 */
export function resolveInside(root: string, path: string): string {
  if (path.includes('\0') || !isInside(root, path))
    throw new AtomicFsFault('PATH_OUTSIDE', `${JSON.stringify(path)} leads outside ${root}`);
  return resolve(root, path);
}
