import {
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {removeTree} from '@keelson/atomic-fs';
import {syncFile} from './sync-file.ts';
import {FOLDER, stampOf, treeListing} from './tree-listing.ts';

/** Where more was changed, copying all of it is not much dearer, and happens less often. */
const MOST = 1000;

const COPY = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;

/**
 * Puts trees back into the state that was noted: what was added goes, what was changed or removed is copied from where the same trees lie
 * untouched. Gives the stamps that they have then; undefined when too much is different.
 */
export async function repairTrees(
  {from, dir}: {readonly from: string; readonly dir: string},
  folders: readonly string[],
  noted: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (!folders.every((folder) => isItself(dir, folder))) return undefined;
  const there = await treeListing(dir, folders);
  const added = [...there.keys()].filter((path) => !noted.has(path));
  const lost = [...noted.keys()].filter((path) => there.get(path) !== noted.get(path));
  if (lost.length > MOST) return undefined;
  const gone = new Set(added);
  for (const path of [...added.filter((one) => !gone.has(dirname(one))), ...lost])
    await removeTree(join(dir, path));

  const stamps = new Map(noted);
  // A folder comes before what lies in it: that is how they were found.
  for (const path of lost.toSorted()) {
    if (noted.get(path) === FOLDER) mkdirSync(join(dir, path), {recursive: true});
    else stamps.set(path, copyEntry(join(from, path), join(dir, path)));
  }
  return stamps;
}

/** Whether a folder is there, and no link on the way to it: nothing else is written to, whatever a script has made of it. */
export function isItself(dir: string, folder: string): boolean {
  try {
    return realpathSync(join(dir, folder)) === join(realpathSync(dir), folder);
  } catch {
    return false;
  }
}

function copyEntry(from: string, to: string): string {
  mkdirSync(dirname(to), {recursive: true});
  if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else {
    copyFileSync(from, to, COPY);
    syncFile(to);
  }
  return stampOf(to);
}
