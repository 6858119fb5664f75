import {constants, copyFileSync, mkdirSync, readdirSync, readlinkSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {setImmediate} from 'node:timers/promises';
import type {StepOptions} from '@keelson/step';

// A file of its own where the file system shares blocks (btrfs, xfs), else a copy. Never a hard link: who edits one of the two edits that one.
const COPY = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
const FILES_PER_TURN = 50;

export interface CloneOptions extends StepOptions {
  /** Leaves a file, or a folder with all that is in it, out: by its path from `from`. */
  readonly skip?: ((path: string) => boolean) | undefined;
}

/**
 * Copies a folder, with its modes and its links as they are, to one that is new or has none of these files; its parent must exist.
 * Sockets, pipes and devices are left out. What is there when it fails is the caller's to remove.
 */
export async function cloneTree(from: string, to: string, options: CloneOptions = {}): Promise<void> {
  const {signal, skip} = options;
  let files = 0;
  mkdirSync(to, {recursive: true});
  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop())
    for (const entry of readdirSync(join(from, folder), {withFileTypes: true})) {
      const path = join(folder, entry.name);
      if (skip?.(path)) continue;
      if (entry.isDirectory()) {
        mkdirSync(join(to, path), {recursive: true});
        todo.push(path);
      } else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(join(from, path)), join(to, path));
      else if (entry.isFile()) copyFileSync(join(from, path), join(to, path), COPY);
      if (++files % FILES_PER_TURN !== 0) continue;
      await setImmediate(); // Files are copied synchronously, which is much faster; others get their turn here.
      signal?.throwIfAborted();
    }
}
