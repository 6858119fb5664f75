import {readSync} from 'node:fs';

const PIECE = 1024 * 1024;

/** The first `length` bytes of an open file, in pieces that are good until the next one; fewer when the file ends before. */
export function* fileBytes(descriptor: number, length: number): Generator<Uint8Array> {
  const piece = Buffer.allocUnsafe(Math.min(PIECE, length));
  for (let at = 0; at < length;) {
    const count = readSync(descriptor, piece, 0, Math.min(piece.length, length - at), at);
    if (count === 0) return;
    yield piece.subarray(0, count);
    at += count;
  }
}
