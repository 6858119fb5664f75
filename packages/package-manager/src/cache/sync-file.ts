import {closeSync, fsyncSync, openSync} from 'node:fs';
import {run} from '@keelson/spawn';

/** Has the disk keep what was written to a file. */
export function syncFile(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Has the disk keep all that was written to the file system of this path (syncfs(2)). */
export async function syncFileSystem(path: string, signal?: AbortSignal): Promise<void> {
  await run({command: 'sync', args: ['-f', path]}, {signal});
}
