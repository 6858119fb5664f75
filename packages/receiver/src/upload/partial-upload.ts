import {createHash, randomBytes} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {open, readdir, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';

const KEEP_MS = 24 * 60 * 60 * 1000;
const KEEP_FILES = 4;

/** A file that arrives in one piece or in several. */
export interface PartialUpload {
  readonly path: string;
  /** Bytes that are there. */
  size(): Promise<number>;
  /** Appends, from a byte that is there on. Resolves with the file's size. */
  append(from: number, body: AsyncIterable<Uint8Array>): Promise<number>;
  /** `sha256-HEX` of what is there. */
  digest(): Promise<string>;
  remove(): Promise<void>;
}

/** By digest, so that a client that comes back finds it; without one it cannot come back. */
export function partialUpload(folder: string, digest: string | undefined): PartialUpload {
  const path = join(folder, digest === undefined ? `once-${randomBytes(8).toString('hex')}` : digest);
  return {
    path,
    size: () =>
      stat(path).then(
        (stats) => stats.size,
        () => 0,
      ),
    async append(from, body) {
      await using file = await open(path, 'a', 0o600);
      await file.truncate(from);
      let size = from;
      for await (const chunk of body) {
        await file.write(chunk);
        size += chunk.length;
      }
      return size;
    },
    async digest() {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path, {highWaterMark: 1024 * 1024}))
        hash.update(chunk as Buffer);
      return `sha256-${hash.digest('hex')}`;
    },
    remove: () => rm(path, {force: true}),
  };
}

/** Removes what nobody came back for: older than a day, or beyond the newest few. */
export async function forgetUploads(folder: string, except: ReadonlySet<string>): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      return {path, mtimeMs: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0};
    }),
  );
  const old = files
    .filter(({path}) => !except.has(path))
    .sort((a, b) => b.mtimeMs - a.mtimeMs)
    .filter(
      ({mtimeMs, path}, index) =>
        index >= KEEP_FILES || mtimeMs < Date.now() - KEEP_MS || path.includes('/once-'),
    );
  await Promise.all(old.map(({path}) => rm(path, {force: true})));
}
