import {closeSync, fchmodSync, openSync, symlinkSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {createFolders} from './folders.ts';
import type {EntrySink} from './safe-entries.ts';

export interface TreeWriter extends EntrySink {
  makeParent(path: string): void;
  link(path: string, target: string): void;
  /** After a failure: lets go of the file that is being written. */
  close(): void;
}

/**
 * Writes below `root`, an empty folder of ours. Every file is new (`wx`), folders 755, files 644 or 755 whatever the umask is.
 * The links come last: while there are none, nothing can be written through one.
 */
export function writeTree(root: string): TreeWriter {
  const folders = createFolders(root);
  let descriptor: number | undefined;
  const close = (): void => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  return {
    file(path, mode) {
      folders.makeParent(path);
      const bits = Number.parseInt(mode, 8);
      descriptor = openSync(join(root, path), 'wx', bits);
      if (folders.masked) fchmodSync(descriptor, bits);
    },
    bytes(chunk) {
      for (let at = 0; descriptor !== undefined && at < chunk.length;)
        at += writeSync(descriptor, chunk, at, chunk.length - at);
    },
    fileEnded: close,
    folder: folders.make,
    makeParent: folders.makeParent,
    link(path, target) {
      folders.makeParent(path);
      symlinkSync(target, join(root, path));
    },
    close,
  };
}
