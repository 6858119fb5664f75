import {createReadStream, createWriteStream} from 'node:fs';
import {open, rename, stat, unlink} from 'node:fs/promises';
import {dirname} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {createGzip} from 'node:zlib';

import {listParts} from './rotated-files.ts';
import {codeOf} from './sink-error.ts';

// Parts of this process. The same log may be open twice in it.
const writing = new Set<string>();
let parts = 0;

/**
 * Replaces a rotated file by its gzip, streamed. The file goes when `.gz` is whole and on the disk; killed at any moment,
 * the file is still there and the next one begins anew. False: somebody still wrote to it, or it is gone; nothing was done.
 */
export async function gzipRotated(
  path: string,
  {mode, signal}: {readonly mode: number; readonly signal: AbortSignal},
): Promise<boolean> {
  const part = `${path}.gz.${process.pid}-${++parts}.part`;
  writing.add(part);
  try {
    const read = createReadStream(path);
    await pipeline(read, createGzip(), createWriteStream(part, {flags: 'w', mode, flush: true}), {signal});
    if ((await stat(path)).size !== read.bytesRead) return await drop(part);
    await rename(part, `${path}.gz`);
    await syncDirectoryOf(path);
    await unlink(path);
    return true;
  } catch (error) {
    await drop(part);
    if (codeOf(error) === 'ENOENT') return false; // another writer's retention or gzip was faster
    throw error;
  } finally {
    writing.delete(part);
  }
}

/** Removes what killed compressions of this log have left. */
export async function removeDeadParts(path: string): Promise<void> {
  for (const part of await listParts(path))
    if (!writing.has(part.path) && !runs(part.pid)) await drop(part.path);
}

async function drop(part: string): Promise<false> {
  await unlink(part).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
  return false;
}

/** Another process, that is: a part with our pid that we are not writing is of one that had it before. */
function runs(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

async function syncDirectoryOf(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
