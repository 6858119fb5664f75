import {spawn} from 'node:child_process';
import {Readable, type Duplex, type Writable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import * as zlib from 'node:zlib';
import {ArchiveFault} from './fault.ts';

const LEVEL = 3;
const CHUNK = 256 * 1024;

/** Node has zstd since 22.15 and 23.8; the types of an older one know nothing of it. */
interface ZstdOfNode {
  readonly createZstdCompress?: (options: object) => Duplex;
  readonly createZstdDecompress?: (options: object) => Duplex;
  readonly constants: Readonly<Record<string, number>>;
}

const {createZstdCompress, createZstdDecompress, constants} = zlib as unknown as ZstdOfNode;

/** What is written into it comes out compressed, or unpacked. */
export interface ZstdFilter {
  readonly input: Writable;
  /** Throws what went wrong; a fault ARCHIVE_NO_ZSTD where nothing here can do it. */
  readonly output: AsyncIterable<Buffer>;
  /** Bytes of the input that were used; a stream of Node stops at the end of a frame, and says nothing of the rest. */
  readonly taken?: (() => number) | undefined;
  /** Whatever it is doing; resolves when nothing of it is left, no zombie either. */
  stop(): Promise<void>;
}

/** What the program says is wrong with its input. */
export class DamagedZstd extends Error {}

export interface ZstdOptions {
  readonly level: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** Gets what came out, in order. What it throws ends the work. */
  readonly write: (chunk: Uint8Array) => Promise<void>;
}

/**
 * Compresses to one frame with a checksum. The bytes depend on who does it and its version. Faults: ARCHIVE_NO_ZSTD.
 * @param level 1 to 19, default 3
 */
export async function compressZstd(
  chunks: Iterable<Uint8Array>,
  {level = LEVEL, signal, write}: ZstdOptions,
): Promise<void> {
  const {ZSTD_c_compressionLevel = 100, ZSTD_c_checksumFlag = 201} = constants;
  const params = {[ZSTD_c_compressionLevel]: level, [ZSTD_c_checksumFlag]: 1};
  const filter =
    ownFilter(createZstdCompress?.({params, chunkSize: CHUNK})) ?? program(['-T0', `-${level}`, '-c']);
  const abort = () => void filter.stop();
  signal?.addEventListener('abort', abort, {once: true});
  try {
    const fed = pipeline(Readable.from(copies(chunks)), filter.input);
    fed.catch(() => {}); // the output says why
    for await (const chunk of filter.output) await write(chunk);
    await fed;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    await filter.stop();
  }
}

/** A chunk is overwritten by the next one, and a stream still holds it. */
function* copies(chunks: Iterable<Uint8Array>): Generator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

export function zstdDecompressor(): ZstdFilter {
  return ownFilter(createZstdDecompress?.({chunkSize: CHUNK})) ?? program(['-d', '-c']);
}

function ownFilter(stream: Duplex | undefined): ZstdFilter | undefined {
  if (stream === undefined) return undefined;
  return {
    input: stream,
    output: stream as AsyncIterable<Buffer>,
    taken: () => (stream as Duplex & {readonly bytesWritten: number}).bytesWritten,
    stop: async () => void stream.destroy(),
  };
}

function program(argv: readonly string[]): ZstdFilter {
  const child = spawn('zstd', ['-q', ...argv], {stdio: 'pipe'});
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => void said.push(chunk));
  // It may end before it has read everything; its exit tells that, not a broken pipe.
  child.stdin.on('error', () => {});
  const ended = new Promise<Error | undefined>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ENOENT' ? missing() : error),
    );
    child.once('close', (code) => {
      const words = Buffer.concat(said).toString().trim();
      resolve(code === 0 ? undefined : new DamagedZstd(words === '' ? `zstd ended with ${code}` : words));
    });
  });
  async function* output(): AsyncGenerator<Buffer> {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) yield chunk;
    const error = await ended;
    if (error !== undefined) throw error;
  }
  return {
    input: child.stdin,
    output: output(),
    async stop() {
      child.kill('SIGKILL');
      child.stdout.destroy(); // whoever holds its other end does not hold us up
      child.stderr.destroy();
      await ended;
    },
  };
}

function missing(): ArchiveFault {
  return new ArchiveFault('ARCHIVE_NO_ZSTD', 'there is no zstd here: not in this Node, and no program', {
    hint: 'Install zstd (Debian: zstd), use Node 22.15 or later, or take .tgz.',
  });
}
