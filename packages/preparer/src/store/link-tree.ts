import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  type Stats,
} from 'node:fs';
import {join} from 'node:path';
import {setImmediate} from 'node:timers/promises';
import type {StepOptions} from '@keelson/step';

const FILES_PER_TURN = 500;
const WRITE = 0o222;
// Another file system, more names than a file may have, a file of somebody else's: a copy does as well, without blocks of its own where it can.
const NO_LINK = new Set(['EXDEV', 'EMLINK', 'EPERM', 'ENOTSUP']);

export interface LinkTreeOptions extends StepOptions {
  /** Is told of each file before it is linked; what it throws ends the linking. */
  readonly onFile?: ((path: string, stats: Stats) => void) | undefined;
  /** Takes the right to write from each file first: from then on it has two names. */
  readonly seal?: boolean | undefined;
}

/** Gives every file of a tree a second name in another one, which is new. What is there when it fails is the caller's to remove. */
export async function linkTree(from: string, to: string, options: LinkTreeOptions = {}): Promise<void> {
  const {signal, onFile, seal} = options;
  let files = 0;
  mkdirSync(to, {recursive: true});
  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    if (folder !== '') mkdirSync(join(to, folder));
    for (const entry of readdirSync(join(from, folder), {withFileTypes: true})) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const file = `${from}/${path}`;
      if (entry.isDirectory()) todo.push(path);
      else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(file), `${to}/${path}`);
      else if (entry.isFile()) {
        if (seal === true || onFile !== undefined) {
          const stats = lstatSync(file);
          if (seal === true) chmodSync(file, stats.mode & 0o777 & ~WRITE);
          onFile?.(path, stats);
        }
        linkOrCopy(file, `${to}/${path}`);
      }
      if (++files % FILES_PER_TURN !== 0) continue;
      await setImmediate(); // Files are linked synchronously, which is much faster; others get their turn here.
      signal?.throwIfAborted();
    }
  }
}

function linkOrCopy(file: string, to: string): void {
  try {
    linkSync(file, to);
  } catch (error) {
    if (!NO_LINK.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    copyFileSync(file, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
}
