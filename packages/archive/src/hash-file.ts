import {createHash, hash} from 'node:crypto';
import {constants, openSync, readSync} from 'node:fs';
import type {createBreath} from './breathe.ts';

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
export function readFully(descriptor: number, into: Uint8Array, from: number, length: number): number {
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, into, from + filled, length - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

const piece = Buffer.allocUnsafeSlow(PIECE);

/** sha-256 of the next `size` bytes of an open file, or of what there is: 64 hexadecimal digits. */
export async function hashFile(
  descriptor: number,
  size: number,
  breathe: ReturnType<typeof createBreath>,
): Promise<string> {
  if (size <= PIECE) return hash('sha256', piece.subarray(0, readFully(descriptor, piece, 0, size)), 'hex');
  const sum = createHash('sha256');
  for (let left = size; left > 0;) {
    const count = readFully(descriptor, piece, 0, Math.min(PIECE, left));
    if (count === 0) break;
    sum.update(piece.subarray(0, count));
    left -= count;
    await breathe();
  }
  return sum.digest('hex');
}
