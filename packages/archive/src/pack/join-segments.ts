import {createHash} from 'node:crypto';
import {closeSync, fsync, openSync} from 'node:fs';
import {promisify} from 'node:util';
import type {ArchiveFormat} from '../archive-format.ts';
import type {Digest} from '../archive-manifest.ts';
import type {Breath} from '../breathe.ts';
import {compressZstd} from '../zstd.ts';
import {combineCrc} from './combine-crc.ts';
import {GZIP_HEAD, gzipTail} from './gzip-frame.ts';
import {fileBytes} from './segment-bytes.ts';
import {writeAll, type Segment} from './segment.ts';

export interface JoinOptions {
  /** A new file. */
  readonly to: string;
  readonly format: ArchiveFormat;
  readonly level: number | undefined;
  readonly breathe: Breath;
  readonly signal: AbortSignal | undefined;
}

/**
 * Writes segments, one after the other, as one file, and has the disk keep it. Deflated ones become one gzip member, because
 * several stop Python's tarfile after the first; plain ones one zstd frame, because several stop Node after the first.
 */
export async function joinSegments(
  segments: readonly Segment[],
  {to, format, level, breathe, signal}: JoinOptions,
): Promise<{bytes: number; fileDigest: Digest}> {
  const sum = createHash('sha256');
  let bytes = 0;
  const descriptor = openSync(to, 'wx', 0o644);
  const write = async (chunk: Uint8Array) => {
    writeAll(descriptor, chunk);
    sum.update(chunk);
    bytes += chunk.length;
    await breathe();
  };
  try {
    if (format === 'zstd') await compressZstd(bytesOf(segments), {level, signal, write});
    else for (const chunk of format === 'gzip' ? gzipMember(segments) : bytesOf(segments)) await write(chunk);
    await promisify(fsync)(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return {bytes, fileDigest: `sha256-${sum.digest('hex')}`};
}

function* bytesOf(segments: readonly Segment[]): Generator<Uint8Array> {
  for (const {descriptor, bytes} of segments) yield* fileBytes(descriptor, bytes);
}

function* gzipMember(segments: readonly Segment[]): Generator<Uint8Array> {
  yield GZIP_HEAD;
  yield* bytesOf(segments);
  const crc = segments.reduce((sum, segment) => combineCrc(sum, segment.crc, segment.plainBytes), 0);
  yield gzipTail(
    crc,
    segments.reduce((sum, {plainBytes}) => sum + plainBytes, 0),
  );
}
