import {closeSync, openSync, readSync} from 'node:fs';
import {GitFault} from './fault.ts';

const CHUNK = 256 * 1024;

/** A file of a known size in pieces, read synchronously: a stream per file costs ten times more than the reading. */
export function* readPieces(path: string, size: number): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    for (let left = size; left > 0;) {
      const chunk = Buffer.allocUnsafe(Math.min(left, CHUNK));
      const count = readSync(file, chunk);
      if (count === 0) throw changed(path);
      left -= count;
      yield chunk.subarray(0, count);
    }
    if (readSync(file, Buffer.alloc(1)) > 0) throw changed(path);
  } finally {
    closeSync(file);
  }
}

/** The whole file at once; GIT_FAILED (temporary) when it is not as large as it was. `into` has room for one byte more. */
export function readWhole(path: string, size: number, into = Buffer.allocUnsafe(size + 1)): Buffer {
  const file = openSync(path, 'r');
  try {
    // One more byte is asked for than there should be: as many as should be is then the whole file.
    let done = readSync(file, into, 0, size + 1, null);
    for (let count = done; count > 0 && done < size; done += count)
      count = readSync(file, into, done, size + 1 - done, null);
    if (done !== size) throw changed(path);
    return into.subarray(0, size);
  } finally {
    closeSync(file);
  }
}

function changed(path: string): GitFault {
  return new GitFault('GIT_FAILED', `${path} changed while it was being committed`, {temporary: true});
}
