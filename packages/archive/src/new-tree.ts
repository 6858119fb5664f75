import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
} from 'node:fs';
import {rename} from 'node:fs/promises';
import {basename, dirname, join, resolve} from 'node:path';
import {makeDirectory, removeTree, syncDirectory, temporaryDirectory} from '@keelson/atomic-fs';
import {ArchiveFault} from './fault.ts';
import {requireWritable} from './require-writable.ts';
import {MANIFEST_NAME} from './stored-manifest.ts';
import {withPlace} from './with-place.ts';

const WORK = '.keelson-tmp-';

/**
 * Lets `fill` make a tree beside `dir` and moves it there when it is complete. `dir` must not exist or be empty; its parents
 * are made. On failure nothing is left, not even those. A folder that is there stays the same one, with its owner and mode: somebody
 * may stand in it.
 */
export async function newTree<T>(dir: string, fill: (tree: string) => Promise<T>): Promise<T> {
  const absolute = resolve(dir);
  const parent = await prepareParent(dir);
  const there = existsSync(absolute);
  const place = there && !canMove(parent.path, absolute) ? absolute : parent.path;
  try {
    await using work = await temporaryDirectory({parent: place, prefix: WORK});
    const tree = join(work.path, 'tree');
    mkdirSync(tree, 0o755);
    const value = await fill(tree);
    chmodSync(tree, 0o755);
    if (there) await moveEntries(tree, absolute, basename(work.path));
    else await rename(tree, absolute);
    await syncDirectory(there ? absolute : parent.path);
    return value;
  } catch (error) {
    await parent.undo();
    throw withPlace(error, absolute);
  }
}

/** Whether what is made in the one folder can be moved into the other: a mounted one is no part of its parent, which may not be ours. */
function canMove(from: string, to: string): boolean {
  try {
    accessSync(from, constants.W_OK | constants.X_OK);
  } catch {
    return false;
  }
  return statSync(from).dev === statSync(to).dev;
}

/** Into a folder in which nobody but us has put anything; last what says that the tree is whole. */
async function moveEntries(tree: string, into: string, work: string): Promise<void> {
  requireEmpty(into, [work]);
  const names = readdirSync(tree).filter((name) => name !== MANIFEST_NAME);
  if (existsSync(join(tree, MANIFEST_NAME))) names.push(MANIFEST_NAME);
  const moved: string[] = [];
  try {
    for (const name of names) {
      await rename(join(tree, name), join(into, name));
      moved.push(join(into, name));
    }
  } catch (error) {
    for (const path of moved) await removeTree(path);
    throw error;
  }
}

/** Makes the folder that `dir` is to lie in, after a look that `dir` does not exist or is empty. `undo` removes what was made. */
export async function prepareParent(dir: string): Promise<{readonly path: string; undo(): Promise<void>}> {
  const absolute = resolve(dir);
  requireEmpty(absolute);
  const path = dirname(absolute);
  const made = await makeDirectory(path);
  if (!existsSync(absolute)) requireWritable(path);
  return {
    path,
    async undo() {
      if (made !== undefined) await removeTree(made);
    },
  };
}

function requireEmpty(path: string, ours: readonly string[] = []): void {
  let names: string[];
  try {
    names = readdirSync(path).filter((name) => !ours.includes(name));
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && lstatSync(path, {throwIfNoEntry: false}) === undefined) return;
    if (code === 'ENOENT') throw new ArchiveFault('ARCHIVE_DESTINATION', `${path} is a link to nothing`);
    if (code !== 'ENOTDIR') throw error;
    throw new ArchiveFault('ARCHIVE_DESTINATION', `${path} is not a folder`);
  }
  if (names.length > 0)
    throw new ArchiveFault('ARCHIVE_DESTINATION', `${path} is not empty`, {
      hint: 'Name a folder that does not exist yet.',
    });
}
