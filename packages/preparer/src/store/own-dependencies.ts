import {chmodSync, constants, copyFileSync, lstatSync, readdirSync, renameSync} from 'node:fs';
import {join} from 'node:path';
import {setImmediate} from 'node:timers/promises';
import type {StepOptions} from '@keelson/step';
import {modulesFolders} from './modules-folders.ts';

const FILES_PER_TURN = 100;
const OWNER_WRITES = 0o200;

/**
 * Makes dependencies that were prepared with a store the folder's own: afterwards they can be written to without changing those of other
 * releases. For whoever runs something in the folder that may do so, before it is made read-only.
 */
export async function ownDependencies(dir: string, {signal}: StepOptions = {}): Promise<void> {
  let files = 0;
  const todo = modulesFolders(dir);
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop())
    for (const entry of readdirSync(join(dir, folder), {withFileTypes: true})) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) todo.push(path);
      else if (entry.isFile()) ownFile(join(dir, path));
      if (++files % FILES_PER_TURN !== 0) continue;
      await setImmediate(); // Files are copied synchronously, which is much faster; others get their turn here.
      signal?.throwIfAborted();
    }
}

function ownFile(file: string): void {
  const {mode, nlink} = lstatSync(file);
  if (nlink > 1) {
    const copy = `${file}.keelson-tmp`;
    copyFileSync(file, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    renameSync(copy, file);
  }
  if ((mode & OWNER_WRITES) === 0) chmodSync(file, (mode & 0o777) | OWNER_WRITES);
}
