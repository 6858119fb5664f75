import {open, stat} from 'node:fs/promises';
import {foreignFormat, formatOfBytes, HEAD_BYTES, type ArchiveFormat} from './archive-format.ts';
import {DEFAULT_LIMITS, RATIO_FROM, type ArchiveLimits} from './archive-limits.ts';
import {quoted} from './entry-paths.ts';
import {ArchiveFault} from './fault.ts';
import {createTarParser, type TarConsumer} from './tar-parser.ts';
import {BadTar} from './tar-header.ts';
import {unpackedBytes} from './unpacked-bytes.ts';
import {DamagedZstd} from './zstd.ts';

/** Codes of zlib for what is no gzip or zstd, or is cut off. */
const DAMAGED = /^(Z_DATA_ERROR|Z_BUF_ERROR|ZSTD_error_.*|ERR_ZLIB_.*)$/;

const HINTS: Readonly<Record<string, string>> = {
  'is a hard link': 'Pack it as a file of its own: tar --hard-dereference.',
  'is a sparse file': 'Pack it as any other file: tar without --sparse, bsdtar --no-read-sparse.',
};

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<ArchiveLimits> | undefined;
  /** How much of the file has been read. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Thrown by a consumer that has seen enough. */
export const ENOUGH = Symbol('enough');

/**
 * Reads a tarball, gzip, zstd or plain (its first bytes say which), to its very end.
 * Faults: ARCHIVE_MISSING, ARCHIVE_CORRUPT, ARCHIVE_UNSAFE_ENTRY, ARCHIVE_TOO_LARGE, ARCHIVE_NO_ZSTD.
 */
export async function readTarball(
  path: string,
  consumer: TarConsumer,
  options: ReadOptions = {},
): Promise<void> {
  const {signal, onProgress} = options;
  signal?.throwIfAborted();
  const {size, format} = await inspect(path);
  const limits = {...DEFAULT_LIMITS, ...options.limits};
  await using bytes = unpackedBytes(path, format);
  const parser = createTarParser(consumer);
  let out = 0;
  try {
    for await (const chunk of bytes.chunks) {
      signal?.throwIfAborted();
      out += chunk.length;
      if (out > RATIO_FROM && out > limits.ratio * bytes.read())
        throw tooLarge(path, `it unpacks to more than ${limits.ratio} times its size`);
      parser.push(chunk);
      onProgress?.(bytes.read(), size);
    }
    parser.end();
    if (!bytes.ended(size)) throw new BadTar('ARCHIVE_CORRUPT', 'goes on after its end');
  } catch (error) {
    if (error !== ENOUGH) throw faultOf(error, path);
  }
}

async function inspect(path: string): Promise<{size: number; format: ArchiveFormat}> {
  try {
    if (!(await stat(path)).isFile()) throw new ArchiveFault('ARCHIVE_MISSING', `${path} is not a file`);
    await using file = await open(path, 'r');
    const head = Buffer.alloc(HEAD_BYTES);
    await file.read(head, 0, HEAD_BYTES, 0);
    const foreign = foreignFormat(head);
    if (foreign !== undefined)
      throw new ArchiveFault('ARCHIVE_CORRUPT', `${path} is packed with ${foreign}, which is not read here`, {
        hint: 'A tar is: packed with gzip or zstd, or not at all.',
      });
    return {size: (await file.stat()).size, format: formatOfBytes(head)};
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
    const what = error.name === undefined ? 'it' : quoted(error.name);
    return new ArchiveFault(error.code, `${path}: ${what} ${error.because}`, {hint: HINTS[error.because]});
  }
  const {code = '', message} = error as NodeJS.ErrnoException;
  if (DAMAGED.test(code) || error instanceof DamagedZstd)
    return new ArchiveFault('ARCHIVE_CORRUPT', `${path} is damaged: ${message}`, {cause: error});
  return error;
}
