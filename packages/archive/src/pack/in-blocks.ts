import {BLOCK} from './tar-blocks.ts';

/** Bytes in blocks of which all but the last are full. Whoever gets a block has it to himself. */
export function* inBlocks(pieces: Iterable<Uint8Array>, take: () => Buffer): Generator<Buffer> {
  let block = take();
  let filled = 0;
  for (const piece of pieces) {
    for (let from = 0; from < piece.length;) {
      const part = piece.subarray(from, from + BLOCK - filled);
      block.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < BLOCK) continue;
      yield block;
      block = take();
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
