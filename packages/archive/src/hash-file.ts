import {createHash, hash} from 'node:crypto';
import {closeSync, constants, fstatSync, openSync, readSync, type Stats} from 'node:fs';
import type {createBreath} from './breathe.ts';

/** Bytes that are read at once; a longer file comes in pieces. */
export const PIECE = 1024 * 1024;

export interface OpenFile {
  readonly descriptor: number;
  readonly stats: Stats;
}

/** Opens what the walk saw as a file; whatever took its place in the meantime is not followed. Undefined: it is no file. */
export function openFile(path: string): OpenFile | undefined {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (stats.isFile()) return {descriptor, stats};
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  closeSync(descriptor);
  return undefined;
}

/** Fills the buffer as far as the file goes. */
export function readPiece(descriptor: number, buffer: Uint8Array): Uint8Array {
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(descriptor, buffer, filled, buffer.length - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return filled === buffer.length ? buffer : buffer.subarray(0, filled);
}

const piece = Buffer.allocUnsafe(PIECE);

/** sha-256 of an open file's bytes, 64 hexadecimal digits, and how many there were. */
export async function hashOpenFile(
  {descriptor, stats}: OpenFile,
  breathe: ReturnType<typeof createBreath>,
): Promise<{readonly sha256: string; readonly size: number}> {
  // One more byte than the file has, so that one read says whether it grew.
  if (stats.size < PIECE) {
    const bytes = readPiece(descriptor, piece.subarray(0, stats.size + 1));
    return {sha256: hash('sha256', bytes, 'hex'), size: bytes.length};
  }
  const sum = createHash('sha256');
  let size = 0;
  for (let bytes = readPiece(descriptor, piece); bytes.length > 0; bytes = readPiece(descriptor, piece)) {
    sum.update(bytes);
    size += bytes.length;
    await breathe();
  }
  return {sha256: sum.digest('hex'), size};
}
