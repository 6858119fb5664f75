import {existsSync, readdirSync, statSync, utimesSync} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {cloneTree, makeDirectory, removeTree, temporaryDirectory} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import {installedFolders, modulesFolders} from './installed-folders.ts';
import {moveNew} from './move-new.ts';
import {isLoan, noteTrees, takeSpare} from './spare-trees.ts';
import {syncFileSystem} from './sync-file.ts';

// An installed tree is some hundred megabytes; those of the last few lockfiles are worth keeping.
const KEPT = 8;
/** Of a build that was killed while it stored its trees. */
const ABANDONED_MS = 24 * 3_600_000;
const TREE = 'tree';

/** Whether something is stored under this key. */
export function hasTrees(entry: string): boolean {
  return existsSync(join(entry, TREE));
}

/**
 * Brings the trees that were stored under this key to where they belong: their spare copy, or a new one; false when there are none. Nothing may be installed
 * in `dir` yet, and nothing is after a failure.
 */
export async function restoreTrees(entry: string, dir: string, {signal}: StepOptions): Promise<boolean> {
  if (!hasTrees(entry)) return false;
  if (await takeSpare(entry, dir)) {
    touch(entry);
    return true;
  }
  const tree = join(entry, TREE);
  const folders = modulesFolders(tree);
  try {
    for (const folder of folders) {
      await mkdir(dirname(join(dir, folder)), {recursive: true});
      await cloneTree(join(tree, folder), join(dir, folder), {signal});
    }
  } catch (error) {
    await removeFolders(dir, folders);
    signal?.throwIfAborted();
    // Removed under our hands by another build that makes room, or the disk is full: npm will say so itself.
    if (typeof (error as NodeJS.ErrnoException).code === 'string') return false;
    throw error;
  }
  try {
    await noteTrees(entry, dir, {synced: false});
    touch(entry);
  } catch {
    // a cache that can only be read: there is no spare, then
  }
  return true;
}

/** Keeps what is installed in `dir` under this key, whole or not at all, and drops what was not used for longest. */
export async function storeTrees(entry: string, dir: string, {signal}: StepOptions): Promise<void> {
  const cache = dirname(entry);
  await makeDirectory(cache, {mode: 0o700});
  await using work = await temporaryDirectory({parent: cache, prefix: '.keelson-tmp-'});
  for (const folder of installedFolders(dir)) {
    const to = join(work.path, TREE, folder);
    await mkdir(dirname(to), {recursive: true});
    await cloneTree(join(dir, folder), to, {signal});
  }
  await mkdir(join(work.path, TREE), {recursive: true});
  // All of it at once (syncfs(2)): a tree that a crash of the machine has emptied would be packed as it is.
  await syncFileSystem(work.path, signal);
  await mkdir(entry, {recursive: true, mode: 0o700});
  await moveNew(join(work.path, TREE), join(entry, TREE));
  await noteTrees(entry, dir, {synced: true});
  await makeRoom(cache);
}

/** Used: it is kept longer. */
function touch(entry: string): void {
  utimesSync(entry, new Date(), new Date());
}

async function makeRoom(cache: string): Promise<void> {
  const entries = within(cache, (name) => name.startsWith('.')).sort((one, other) => other.used - one.used);
  const halves = [...entries, ...entries.flatMap(({path}) => within(path, isLoan))].filter(({half}) => half);
  const abandoned = halves.filter(({used}) => used < Date.now() - ABANDONED_MS);
  const old = entries.filter(({half}) => !half).slice(KEPT);
  for (const {path} of [...abandoned, ...old]) await removeTree(path);
}

/** What lies in a folder, and whether it is something that a build has not finished. */
function within(folder: string, isHalf: (name: string) => boolean) {
  // Another build that makes room may have removed it.
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.map((name) => {
    const path = join(folder, name);
    return {path, half: isHalf(name), used: statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? 0};
  });
}

async function removeFolders(dir: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) await removeTree(join(dir, folder));
}
