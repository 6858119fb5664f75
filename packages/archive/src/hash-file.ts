import {createHash, hash} from 'node:crypto';
import {constants, openSync, readSync} from 'node:fs';
import type {Breath} from './breathe.ts';

/** Bytes that are read at once; a longer file comes in pieces. */
const PIECE = 1024 * 1024;

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens what the walk saw as a file; whatever took its place in the meantime is not followed, nor waited for. Undefined: it is gone,
 * or a link now. Whether it is still that file, its stamp tells.
 */
export function openFile(path: string): number | undefined {
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR' || code === 'ENXIO') return undefined;
    throw error;
  }
}

/** Reads until the place is full or the file ends; says how many bytes came. */
export function readFully(descriptor: number, into: Uint8Array): number {
  let filled = 0;
  while (filled < into.length) {
    const count = readSync(descriptor, into, filled, into.length - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

const piece = Buffer.allocUnsafeSlow(PIECE);

/** sha-256 of the next `size` bytes of an open file, or of what there is: 64 hexadecimal digits. */
export async function hashFile(descriptor: number, size: number, breathe: Breath): Promise<string> {
  const next = (length: number) => piece.subarray(0, readFully(descriptor, piece.subarray(0, length)));
  if (size <= PIECE) return hash('sha256', next(size), 'hex');
  const sum = createHash('sha256');
  for (let left = size; left > 0;) {
    const bytes = next(Math.min(PIECE, left));
    if (bytes.length === 0) break;
    sum.update(bytes);
    left -= bytes.length;
    await breathe();
  }
  return sum.digest('hex');
}
