import {availableParallelism} from 'node:os';
import {promisify} from 'node:util';
import {constants, crc32, deflateRaw} from 'node:zlib';

const LEVEL = 6;
// RFC 1952: magic, deflate, no flags, no time, no extra flags, unknown system. The same bytes on every machine.
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const compress = promisify(deflateRaw);

/**
 * Gzip of blocks, each compressed on its own on libuv's thread pool and joined as one member (what pigz does; several members
 * stop Python's tarfile after the first). Which bytes come out depends on the blocks and on zlib's version, not on the machine.
 */
export async function* gzipBytes(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const threads = Math.min(8, availableParallelism()) + 2;
  const options = {level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 256 * 1024};
  const underWay: Promise<Uint8Array>[] = [];
  let sum = 0;
  let length = 0;
  yield HEADER;
  try {
    for await (const block of blocks) {
      sum = crc32(block, sum);
      length += block.length;
      underWay.push(compress(block, options));
      if (underWay.length >= threads) yield await underWay.shift()!;
    }
    while (underWay.length > 0) yield await underWay.shift()!;
  } finally {
    await Promise.allSettled(underWay);
  }
  const end = Buffer.alloc(10);
  end[0] = 3; // an empty last block
  end.writeUInt32LE(sum, 2);
  end.writeUInt32LE(length % 2 ** 32, 6);
  yield end;
}

/** The same bytes in blocks of one size, but the last. Each block is the consumer's own. */
export async function* inBlocks(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let block = Buffer.allocUnsafe(size);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const taken = Math.min(size - filled, chunk.length - from);
      block.set(chunk.subarray(from, from + taken), filled);
      filled += taken;
      from += taken;
      if (filled < size) continue;
      yield block;
      block = Buffer.allocUnsafe(size);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
