import {createReadStream} from 'node:fs';
import {pipeline, type TransformOptions} from 'node:stream';
import {createGunzip, type ZlibOptions} from 'node:zlib';
import type {ArchiveFormat} from './archive-format.ts';
import {zstdDecompressor} from './zstd.ts';

/** The tar in a file, piece by piece. */
export interface UnpackedBytes extends AsyncDisposable {
  readonly chunks: AsyncIterable<Buffer>;
  /** Bytes of the file that have been read. */
  read(): number;
  /** After the last chunk: whether the file of that size ended there, too. */
  ended(size: number): boolean;
}

const READ = 256 * 1024;
// Unpacking goes on in another thread while a chunk is written: fewer and larger turns.
const CHUNK = 1024 * 1024;

export function unpackedBytes(path: string, format: ArchiveFormat): UnpackedBytes {
  const file = createReadStream(path, {highWaterMark: format === 'plain' ? CHUNK : READ});
  const closed = new Promise<void>((resolve) => file.once('close', resolve));
  const source = FILTERS[format]();
  if (source !== undefined) pipeline(file, source.input, () => {}); // an error of either comes out of the chunks
  return {
    chunks: source === undefined ? (file as AsyncIterable<Buffer>) : source.output,
    read: () => file.bytesRead,
    ended: (size) => source?.taken === undefined || source.taken() === size,
    async [Symbol.asyncDispose]() {
      await source?.stop();
      file.destroy();
      await closed;
    },
  };
}

const FILTERS = {
  plain: () => undefined,
  gzip: () => {
    const options: ZlibOptions & TransformOptions = {chunkSize: CHUNK, highWaterMark: 2 * CHUNK};
    const gunzip = createGunzip(options);
    return {
      input: gunzip,
      output: gunzip as AsyncIterable<Buffer>,
      taken: () => gunzip.bytesWritten,
      stop: async () => void gunzip.destroy(),
    };
  },
  zstd: zstdDecompressor,
} satisfies Record<ArchiveFormat, () => unknown>;
