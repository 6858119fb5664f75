import {createReadStream} from 'node:fs';
import {open, stat} from 'node:fs/promises';
import {pipeline} from 'node:stream';
import {createGunzip} from 'node:zlib';
import {DEFAULT_LIMITS, RATIO_FROM, type ArchiveLimits} from './archive-limits.ts';
import {ArchiveFault} from './fault.ts';
import {createTarParser, type TarConsumer} from './tar-parser.ts';
import {BadTar} from './tar-header.ts';

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<ArchiveLimits> | undefined;
  /** How much of the file has been read. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Thrown by a consumer that has seen enough. */
export const ENOUGH = Symbol('enough');

/**
 * Reads a tarball, gzipped or not (its first bytes say which), to its very end.
 * Faults: ARCHIVE_MISSING, ARCHIVE_CORRUPT, ARCHIVE_UNSAFE_ENTRY, ARCHIVE_TOO_LARGE.
 */
export async function readTarball(
  path: string,
  consumer: TarConsumer,
  options: ReadOptions = {},
): Promise<void> {
  const {signal, onProgress} = options;
  signal?.throwIfAborted();
  const {size, compressed} = await inspect(path);
  const limits = {...DEFAULT_LIMITS, ...options.limits};
  const file = createReadStream(path, {highWaterMark: 256 * 1024});
  const gunzip = compressed ? createGunzip({chunkSize: 256 * 1024}) : undefined;
  if (gunzip !== undefined) pipeline(file, gunzip, () => {}); // an error of either comes out of the loop below
  const parser = createTarParser(consumer);
  let out = 0;
  try {
    for await (const chunk of (gunzip ?? file) as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      out += chunk.length;
      if (out > RATIO_FROM && out > limits.ratio * file.bytesRead)
        throw tooLarge(path, `it unpacks to more than ${limits.ratio} times its size`);
      parser.push(chunk);
      onProgress?.(file.bytesRead, size);
    }
    parser.end();
    if (gunzip !== undefined && gunzip.bytesWritten !== size)
      throw new BadTar('ARCHIVE_CORRUPT', 'goes on after its end');
  } catch (error) {
    if (error !== ENOUGH) throw faultOf(error, path);
  } finally {
    file.destroy();
    gunzip?.destroy();
  }
}

async function inspect(path: string): Promise<{size: number; compressed: boolean}> {
  try {
    if (!(await stat(path)).isFile()) throw new ArchiveFault('ARCHIVE_MISSING', `${path} is not a file`);
    await using file = await open(path, 'r');
    const head = Buffer.alloc(2);
    await file.read(head, 0, 2, 0);
    return {size: (await file.stat()).size, compressed: head[0] === 0x1f && head[1] === 0x8b};
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    throw new ArchiveFault('ARCHIVE_MISSING', `there is no ${path}`);
  }
}

export function tooLarge(path: string, what: string): ArchiveFault {
  return new ArchiveFault('ARCHIVE_TOO_LARGE', `${path} is too large: ${what}`, {
    hint: 'If you trust it, raise the limit.',
  });
}

function faultOf(error: unknown, path: string): unknown {
  if (error instanceof BadTar) {
    const what = error.name === undefined ? 'it' : JSON.stringify(error.name);
    return new ArchiveFault(error.code, `${path}: ${what} ${error.because}`);
  }
  const {code, message} = error as NodeJS.ErrnoException;
  if (code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR')
    return new ArchiveFault('ARCHIVE_CORRUPT', `${path} is damaged: ${message}`, {cause: error});
  return error;
}
