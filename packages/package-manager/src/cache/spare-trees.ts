import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {removeTree} from '@keelson/atomic-fs';
import {installedFolders} from './installed-folders.ts';
import {isItself, repairTrees} from './repair-trees.ts';
import {syncFile, syncFileSystem} from './sync-file.ts';
import {SHARED, treeListing} from './tree-listing.ts';

// Below the cache entry. Beside its trees it may have a spare copy of them, which is moved to the app that needs it and moved back when
// that was built: a few renames instead of some ten thousand new files. Nobody else sees it in the meantime.
const SPARE = 'spare';
const LOAN = 'loan-';
// Below each of the two.
const TREES = 'trees';
const ASIDE = 'aside';
const NOTE = 'note.json';

/** What the trees were when they were installed. */
interface Note {
  readonly folders: readonly string[];
  /** As treeListing gives them. */
  readonly stamps: readonly (readonly [path: string, stamp: string])[];
  /** Whether the disk had all of it then. */
  readonly synced: boolean;
}

/** Where it is noted what the app in `dir` has borrowed; of a build that was killed nobody asks for it again. */
function loanOf(entry: string, dir: string): string {
  return join(entry, `${LOAN}${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`);
}

export function isLoan(name: string): boolean {
  return name.startsWith(LOAN);
}

/**
 * Moves the spare trees to where they belong, after they were made again what they were when they were installed: the build that had them
 * may have changed them, and a program that it has left behind may still do. False when there are none, when they lie on another file
 * system, or are too different from the trees of the entry.
 */
export async function takeSpare(entry: string, dir: string): Promise<boolean> {
  const loan = loanOf(entry, dir);
  if (!existsSync(join(entry, SPARE, NOTE)) || !sameFileSystem(entry, dir)) return false;
  await removeTree(loan);
  try {
    renameSync(join(entry, SPARE), loan);
  } catch {
    return false; // another build was first
  }
  const moved: string[] = [];
  try {
    const note = readNote(loan);
    const trees = join(loan, TREES);
    const stamps = await repairTrees(
      {from: join(entry, 'tree'), dir: trees},
      note.folders,
      new Map(note.stamps),
    );
    if (stamps !== undefined) {
      writeNote(loan, {...note, stamps: [...stamps]});
      for (const folder of note.folders) {
        mkdirSync(dirname(join(dir, folder)), {recursive: true});
        renameSync(join(trees, folder), join(dir, folder));
        moved.push(folder);
      }
      return true;
    }
  } catch {
    for (const folder of moved) await removeTree(join(dir, folder));
  }
  await removeTree(loan);
  return false;
}

/**
 * Notes what was installed in `dir`, or copied there from the cache, so that it can become the spare.
 * @param synced whether the disk has all of it
 */
export async function noteTrees(
  entry: string,
  dir: string,
  {synced}: {readonly synced: boolean},
): Promise<void> {
  if (!sameFileSystem(entry, dir)) return;
  const folders = installedFolders(dir);
  const stamps = [...(await treeListing(dir, folders))];
  // pnpm links files to its store, where other builds write to them: the first spare is a copy, then.
  if (stamps.some(([, stamp]) => stamp.startsWith(SHARED))) return;
  const loan = loanOf(entry, dir);
  await removeTree(loan);
  mkdirSync(loan, {recursive: true, mode: 0o700});
  writeNote(loan, {folders, stamps, synced});
}

/** Takes a folder of borrowed trees out of them, under a number, to be put back later; false when it is not borrowed, or cannot be kept. */
export function putAside(
  entry: string,
  dir: string,
  what: {readonly path: string; readonly at: number},
): boolean {
  const loan = loanOf(entry, dir);
  const from = join(dir, what.path);
  if (!existsSync(join(loan, NOTE)) || statSync(from, {throwIfNoEntry: false})?.isDirectory() !== true)
    return false;
  try {
    mkdirSync(join(loan, ASIDE), {recursive: true});
    renameSync(from, join(loan, ASIDE, String(what.at)));
    return true;
  } catch {
    return false; // the disk of the cache is full
  }
}

/**
 * Keeps the trees in `dir` as the spare, as they are but with what was put aside; afterwards `dir` has none. Nothing happens where nothing
 * was noted. What nobody needs any more stays in `dir`.
 * @param removed the paths that were put aside, by their number
 */
export async function returnTrees(entry: string, dir: string, removed: readonly string[]): Promise<void> {
  const loan = loanOf(entry, dir);
  if (!existsSync(join(loan, NOTE))) return;
  try {
    if (existsSync(join(entry, SPARE))) return; // another build was faster
    const note = readNote(loan);
    const {folders, synced} = note;
    if (!folders.every((folder) => isItself(dir, folder))) return;
    for (const [at, path] of removed.entries()) {
      const aside = join(loan, ASIDE, String(at));
      if (!existsSync(aside) || !isItself(dir, dirname(path))) continue;
      await removeTree(join(dir, path));
      renameSync(aside, join(dir, path));
    }
    for (const folder of folders) {
      mkdirSync(dirname(join(loan, TREES, folder)), {recursive: true});
      renameSync(join(dir, folder), join(loan, TREES, folder));
    }
    await removeTree(join(loan, ASIDE));
    if (!synced) await syncFileSystem(loan);
    if (!synced) writeNote(loan, {...note, synced: true});
    syncFile(join(loan, NOTE));
    renameSync(loan, join(entry, SPARE));
  } finally {
    await removeTree(loan);
  }
}

function readNote(folder: string): Note {
  return JSON.parse(readFileSync(join(folder, NOTE), 'utf8')) as Note;
}

function writeNote(folder: string, note: Note): void {
  writeFileSync(join(folder, NOTE), JSON.stringify(note), {mode: 0o600});
}

function sameFileSystem(entry: string, dir: string): boolean {
  return statSync(entry, {throwIfNoEntry: false})?.dev === statSync(dir).dev;
}
