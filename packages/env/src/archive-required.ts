import {createReadStream, statSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {pipeline} from 'node:stream';
import {createGunzip} from 'node:zlib';
import type {StepOptions} from '@keelson/step';
import {appRequired} from './app-required.ts';
import {EnvFault} from './fault.ts';
import type {EnvType} from './value-type.ts';

const BLOCK = 512;
/** As much as `readManifest` reads. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * What the app in an archive (a tarball, or a folder) requires. Only its package.json is read, so that an archive is looked at before it is
 * anywhere near a machine that deploys. Faults: ENV_ARCHIVE, and those of readManifest.
 */
export async function archiveRequired(
  path: string,
  {signal}: StepOptions = {},
): Promise<Readonly<Record<string, EnvType>>> {
  const stats = statSync(path, {throwIfNoEntry: false});
  if (stats === undefined) throw new EnvFault('ENV_ARCHIVE', `there is no ${path}`);
  if (stats.isDirectory()) return appRequired(path, {signal});
  const text = await packageJson(path, signal);
  const {temporaryDirectory} = await import('@keelson/atomic-fs');
  await using dir = await temporaryDirectory();
  await writeFile(join(dir.path, 'package.json'), text);
  return await appRequired(dir.path, {signal});
}

/** The first regular `<top folder>/package.json` of a tarball (POSIX.1-1988 headers; longer names are none of ours). */
async function packageJson(path: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const entries = new Entries(streamOf(path, signal));
  try {
    for (let header = await entries.read(BLOCK); header?.[0]; header = await entries.read(BLOCK)) {
      const name = textAt(header, 0, 100);
      const size = sizeOf(header);
      const isFile = header[156] === 0x30 || header[156] === 0;
      if (isFile && /^[^/]+\/package\.json$/.test(name) && size <= MAX_BYTES) {
        const content = await entries.read(size);
        if (content !== undefined) return content;
      }
      await entries.skip(Math.ceil(size / BLOCK) * BLOCK);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw new EnvFault('ENV_ARCHIVE', `${path} is no archive that can be read: ${(cause as Error).message}`, {
      cause,
    });
  }
  throw new EnvFault('ENV_ARCHIVE', `${path} is no archive of an app: it holds no package.json`, {
    hint: 'Name a tarball that keelson build made, or a folder.',
  });
}

function streamOf(path: string, signal: AbortSignal | undefined): AsyncIterable<Buffer> {
  const file = createReadStream(path, {signal});
  // Errors of either come out of the iteration.
  return pipeline(file, createGunzip(), () => {});
}

/** Reads a stream by counted bytes. */
class Entries {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Undefined: there are not that many. */
  async read(bytes: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (let missing = bytes; ;) {
      const part = this.#rest.subarray(0, missing);
      parts.push(part);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      if (missing === 0) return Buffer.concat(parts);
      if (!(await this.#more())) return undefined;
    }
  }

  async skip(bytes: number): Promise<void> {
    for (let missing = bytes; missing > 0;) {
      const there = Math.min(missing, this.#rest.length);
      this.#rest = this.#rest.subarray(there);
      missing -= there;
      if (missing > 0 && !(await this.#more())) return;
    }
  }

  async #more(): Promise<boolean> {
    const {value, done} = await this.#chunks.next();
    if (done === true) return false;
    this.#rest = value;
    return true;
  }
}

function sizeOf(header: Buffer): number {
  const size = Number.parseInt(textAt(header, 124, 12).trim() || '0', 8);
  if (!Number.isSafeInteger(size) || size < 0) throw new TypeError('a header without a size');
  return size;
}

function textAt(header: Buffer, start: number, length: number): string {
  const end = header.indexOf(0, start);
  return header.toString('utf8', start, end === -1 || end > start + length ? start + length : end);
}
