import {chmodSync, mkdirSync, readdirSync} from 'node:fs';
import {mkdir, rename} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {removeTree, syncDirectory, temporaryDirectory} from '@keelson/atomic-fs';
import {ArchiveFault} from './fault.ts';
import {withPlace} from './with-place.ts';

/**
 * Lets `fill` make a tree beside `dir` and moves it there when it is complete. `dir` must not exist or be empty; its parents
 * are made. On failure nothing is left, not even those.
 */
export async function newTree<T>(dir: string, fill: (tree: string) => Promise<T>): Promise<T> {
  const parent = await prepareParent(dir);
  try {
    await using work = await temporaryDirectory({parent: parent.path, prefix: '.keelson-tmp-'});
    const tree = join(work.path, 'tree');
    mkdirSync(tree, 0o755);
    const value = await fill(tree);
    chmodSync(tree, 0o755);
    await rename(tree, resolve(dir));
    await syncDirectory(parent.path);
    return value;
  } catch (error) {
    await parent.undo();
    throw withPlace(error, resolve(dir));
  }
}

/** Makes the folder that `dir` is to lie in, after a look that `dir` does not exist or is empty. `undo` removes what was made. */
export async function prepareParent(dir: string): Promise<{readonly path: string; undo(): Promise<void>}> {
  const absolute = resolve(dir);
  requireEmpty(absolute);
  const path = dirname(absolute);
  const made = await mkdir(path, {recursive: true});
  return {
    path,
    async undo() {
      if (made !== undefined) await removeTree(made);
    },
  };
}

function requireEmpty(path: string): void {
  let names: string[];
  try {
    names = readdirSync(path);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    if (code !== 'ENOTDIR') throw error;
    throw new ArchiveFault('ARCHIVE_DESTINATION', `${path} is not a folder`);
  }
  if (names.length > 0)
    throw new ArchiveFault('ARCHIVE_DESTINATION', `${path} is not empty`, {
      hint: 'Name a folder that does not exist yet.',
    });
}
