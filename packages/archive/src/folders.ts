import {chmodSync, mkdirSync, statSync} from 'node:fs';
import {join} from 'node:path';

/** Makes folders below a root, each with its parents and only once. */
export interface Folders {
  readonly make: (path: string) => void;
  readonly makeParent: (path: string) => void;
  /** Whether the umask takes away what is asked for, so that every mode must be set again. */
  readonly masked: boolean;
}

/**
 * @param root a folder of ours, where nobody else makes links in the meantime
 * @param masked default: whether `root`, which was made with mode 755, lacks some of it (one look instead of a chmod for each file)
 */
export function createFolders(root: string, masked = (statSync(root).mode & 0o755) !== 0o755): Folders {
  const made = new Set<string>(['']);
  const make = (path: string): void => {
    if (made.has(path)) return;
    makeParent(path);
    mkdirSync(join(root, path), {mode: 0o755, recursive: true});
    if (masked) chmodSync(join(root, path), 0o755);
    made.add(path);
  };
  const makeParent = (path: string): void => {
    const slash = path.lastIndexOf('/');
    if (slash !== -1) make(path.slice(0, slash));
  };
  return {make, makeParent, masked};
}
