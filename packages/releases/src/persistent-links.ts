import {cp, lstat, mkdir, rename, symlink} from 'node:fs/promises';
import type {Stats} from 'node:fs';
import {dirname, join, normalize, relative} from 'node:path';
import {isInside, removeTree, syncDirectory} from '@keelson/atomic-fs';
import {ReleaseFault} from './fault.ts';

/** A release's tree and where what outlives it lies. */
export interface PersistentPlace {
  readonly tree: string;
  readonly persistent: string;
}

/**
 * Makes each of these folders of the tree a relative link into the persistent folder. A folder that the archive brings seeds
 * the persistent one when there is none yet; an existing one is never written to. Fault RELEASE_PERSISTENT.
 */
export async function linkPersistentFolders(place: PersistentPlace, paths: readonly string[]): Promise<void> {
  for (const path of checkPaths(paths)) {
    const inTree = await folderInTree(place.tree, path);
    const kept = join(place.persistent, path);
    await mkdir(dirname(kept), {recursive: true});
    if ((await statOf(kept)) === undefined) await seed(inTree, kept);
    await removeTree(inTree);
    await mkdir(dirname(inTree), {recursive: true});
    await symlink(relative(dirname(inTree), kept), inTree);
  }
}

function checkPaths(paths: readonly string[]): readonly string[] {
  const clean = [...new Set(paths.map(checkPath))];
  for (const path of clean) {
    const outer = clean.find((other) => path.startsWith(`${other}/`));
    if (outer !== undefined) throw refuse(path, `it lies in ${outer}, which does already`);
  }
  return clean;
}

function checkPath(path: string): string {
  const clean = normalize(path).replace(/\/+$/, '');
  const first = clean.split('/')[0];
  if (path.includes('\0') || clean === '.' || !isInside('/tree', join('/tree', path)) || path.startsWith('/'))
    throw refuse(path, 'it is not a folder inside the app');
  if (first === 'node_modules' || first === 'keelson.json' || first === 'package.json')
    throw refuse(path, `${first} belongs to the release`);
  return clean;
}

/** Where the folder is or would be. Nothing on the way to it may be a link or a file. */
async function folderInTree(tree: string, path: string): Promise<string> {
  const parts = path.split('/');
  for (let depth = 1; depth <= parts.length; depth++) {
    const part = parts.slice(0, depth).join('/');
    const found = await statOf(join(tree, part));
    if (found === undefined) break;
    if (found.isSymbolicLink()) throw refuse(path, `${part} is a link`);
    if (!found.isDirectory()) throw refuse(path, `${part} is a file`);
  }
  return join(tree, path);
}

async function seed(from: string, kept: string): Promise<void> {
  if ((await statOf(from)) === undefined) {
    await mkdir(kept);
    return;
  }
  try {
    await rename(from, kept);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    // persistent/ lies on another disk: copied beside, so that it is there as a whole or not at all.
    const half = join(dirname(kept), `.keelson-tmp-seed`);
    await removeTree(half);
    await cp(from, half, {recursive: true, verbatimSymlinks: true});
    await rename(half, kept);
  }
  await syncDirectory(dirname(kept));
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function refuse(path: string, because: string): ReleaseFault {
  return new ReleaseFault(
    'RELEASE_PERSISTENT',
    `${JSON.stringify(path)} cannot outlive releases: ${because}`,
    {
      hint: 'Correct `keelson.persistent` in package.json: relative folders, none inside another.',
    },
  );
}
