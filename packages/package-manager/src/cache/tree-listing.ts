import {lstatSync, readdirSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';
import {setImmediate} from 'node:timers/promises';

/** What a folder has instead of a stamp. */
export const FOLDER = 'folder';

/** How the stamp of a file begins that has another name elsewhere, under which it may be changed. */
export const SHARED = 'shared';

const ENTRIES_PER_TURN = 500;

/**
 * Path → what shows whether it was written, of all that lies in some folders: for a folder nothing, for a link its target, for a file its
 * inode, size and times (ctime, too, because an mtime can be put back).
 */
export async function treeListing(dir: string, folders: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const todo = [...folders];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop())
    for (const entry of readdirSync(join(dir, folder), {withFileTypes: true})) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) todo.push(path);
      found.set(path, entry.isDirectory() ? FOLDER : stampOf(`${dir}/${path}`));
      if (found.size % ENTRIES_PER_TURN === 0) await setImmediate();
    }
  return found;
}

/** Of a file or a link. */
export function stampOf(path: string): string {
  const stats = lstatSync(path, {bigint: true});
  if (stats.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  const stamp = `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
  return stats.nlink === 1n ? stamp : `${SHARED} ${stamp}`;
}
