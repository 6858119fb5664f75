import {chmodSync, lstatSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';

const WRITE = 0o222;
const SPECIAL = 0o7000; // set-user-ID and the like
const READ_ONLY_FOLDER = 0o555;
const PRIVATE = 0o600;
const BLOCK = 512; // of st_blocks, whatever the file system's own are

/**
 * Takes the right to write from every file (whoever may execute still may) and folder; links stay as they are. Returns what the tree
 * takes of the disk, in bytes, without files that have other names, too. Those in `rendered` (absolute) are 0600 instead.
 */
export async function sealTree(dir: string, rendered: ReadonlySet<string> = new Set()): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(dir, {withFileTypes: true})) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) bytes += await sealTree(path, rendered);
    else {
      // System calls of some microseconds each: through the thread pool they would take ten times as long.
      const {mode, nlink, blocks} = lstatSync(path);
      if (entry.isFile() && rendered.has(path)) chmodSync(path, PRIVATE);
      else if (entry.isFile() && (mode & (WRITE | SPECIAL)) !== 0) chmodSync(path, mode & 0o777 & ~WRITE);
      if (nlink === 1) bytes += blocks * BLOCK;
    }
  }
  bytes += lstatSync(dir).blocks * BLOCK;
  chmodSync(dir, READ_ONLY_FOLDER);
  return bytes;
}
