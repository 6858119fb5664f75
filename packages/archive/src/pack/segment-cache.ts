import {randomBytes} from 'node:crypto';
import {
  closeSync,
  fstatSync,
  futimesSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {crc32} from 'node:zlib';
import {makeDirectory} from '@keelson/atomic-fs';
import type {Breath} from '../breathe.ts';
import {fileBytes} from './segment-bytes.ts';
import {writeAll, type Segment} from './segment.ts';

/** Compressed segments of earlier archives, by what is in them, and notes of what lay on the disk then. */
export interface SegmentCache {
  /** One that is whole; a damaged one is removed. */
  find(name: string): Promise<Segment | undefined>;
  /** Whether there is one whose name begins so. */
  hasLike(prefix: string): boolean;
  /** Keeps a copy, and lets the oldest go where there is too much. */
  store(name: string, segment: Segment): Promise<void>;
  /** The name that was noted under a key. */
  noted(key: string): string | undefined;
  note(key: string, name: string): Promise<void>;
}

const SEGMENT = '.segment';
const NOTE = '.note';
const NAME = /^[0-9a-f-]{1,128}$/;
const MAGIC = Buffer.from('KEELSEG1');
const FOOT = 16; // length of the facts, checksum of all before, magic
const DIGEST = 32;
const HOUR_MS = 60 * 60 * 1000;
/** What a killed process left behind: nobody takes that long to write a file. */
const ABANDONED_MS = HOUR_MS;
const NOTE_MS = 30 * 24 * HOUR_MS;

interface Facts {
  readonly bytes: number;
  readonly plainBytes: number;
  readonly crc: number;
  readonly files: number;
}

/**
 * A file each: the segment, the sha-256 of its files, facts as JSON, and a foot with a checksum of all that. Written under another
 * name and renamed, so that processes can share it; not synced, because the checksum tells what a crash left.
 */
export function openSegmentCache(
  dir: string,
  {maxBytes, breathe}: {readonly maxBytes: number; readonly breathe: Breath},
): SegmentCache {
  const replace = async (name: string, write: (temporary: string) => Promise<void>) => {
    await makeDirectory(dir, {mode: 0o700});
    const temporary = join(dir, `.${name}-${randomBytes(6).toString('hex')}`);
    try {
      await write(temporary);
      renameSync(temporary, join(dir, name));
    } catch (error) {
      rmSync(temporary, {force: true});
      throw error;
    }
  };
  return {
    async find(name) {
      const path = join(dir, `${name}${SEGMENT}`);
      const descriptor = orMissing(() => openSync(path, 'r+'));
      if (descriptor === undefined) return undefined;
      let segment: Segment | undefined;
      try {
        segment = await readSegment(descriptor, breathe);
      } finally {
        if (segment === undefined) closeSync(descriptor);
      }
      if (segment === undefined) {
        rmSync(path, {force: true});
        return undefined;
      }
      const now = Date.now() / 1000;
      futimesSync(descriptor, now, now); // the one that was not used for longest goes first
      return segment;
    },
    hasLike: (prefix) =>
      orMissing(() => readdirSync(dir))?.some((name) => name.startsWith(prefix) && name.endsWith(SEGMENT)) ??
      false,
    async store(name, segment) {
      if (segment.bytes > maxBytes) return;
      await replace(`${name}${SEGMENT}`, (temporary) => writeSegmentFile(temporary, segment, breathe));
      removeOldest(dir, maxBytes);
    },
    noted(key) {
      const name = orMissing(() => readFileSync(join(dir, `${key}${NOTE}`), 'latin1'));
      return name !== undefined && NAME.test(name) ? name : undefined;
    },
    note: (key, name) => replace(`${key}${NOTE}`, (temporary) => writeFile(temporary, name, {mode: 0o600})),
  };
}

function orMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeSegmentFile(path: string, segment: Segment, breathe: Breath): Promise<void> {
  const {descriptor: from, sha256, bytes, plainBytes, crc} = segment;
  const descriptor = openSync(path, 'wx', 0o600);
  let sum = 0;
  const write = (chunk: Uint8Array) => {
    sum = crc32(chunk, sum);
    writeAll(descriptor, chunk);
  };
  try {
    for (const chunk of fileBytes(from, bytes)) {
      write(chunk);
      await breathe();
    }
    write(Buffer.from(sha256.join(''), 'hex'));
    const facts: Facts = {bytes, plainBytes, crc, files: sha256.length};
    const text = Buffer.from(JSON.stringify(facts));
    write(text);
    const foot = Buffer.alloc(FOOT);
    foot.writeUInt32LE(text.length, 0);
    foot.writeUInt32LE(sum, 4);
    MAGIC.copy(foot, 8);
    writeAll(descriptor, foot);
  } finally {
    closeSync(descriptor);
  }
}

async function readSegment(descriptor: number, breathe: Breath): Promise<Segment | undefined> {
  const {size} = fstatSync(descriptor);
  const read = (length: number, at: number) => {
    const bytes = Buffer.alloc(length);
    return readSync(descriptor, bytes, 0, length, at) === length ? bytes : undefined;
  };
  const foot = size < FOOT ? undefined : read(FOOT, size - FOOT);
  if (foot === undefined || !foot.subarray(8).equals(MAGIC)) return undefined;
  const length = foot.readUInt32LE(0);
  if (length > 1024 || length > size - FOOT) return undefined;
  let sum = 0;
  for (const chunk of fileBytes(descriptor, size - FOOT)) {
    sum = crc32(chunk, sum);
    await breathe();
  }
  if (sum !== foot.readUInt32LE(4)) return undefined;
  const {bytes, plainBytes, crc, files} = JSON.parse(String(read(length, size - FOOT - length))) as Facts;
  if (bytes + files * DIGEST + length + FOOT !== size) return undefined;
  const digests = read(files * DIGEST, bytes)!.toString('hex');
  const sha256 = Array.from({length: files}, (_, index) =>
    digests.slice(index * 2 * DIGEST, (index + 1) * 2 * DIGEST),
  );
  return {descriptor, bytes, plainBytes, crc, sha256};
}

function removeOldest(dir: string, maxBytes: number): void {
  const there = readdirSync(dir).flatMap((name) => {
    const stats = statSync(join(dir, name), {throwIfNoEntry: false});
    return stats?.isFile() === true ? [{name, size: stats.size, usedAt: stats.mtimeMs}] : [];
  });
  let total = 0;
  for (const {name, size, usedAt} of there.toSorted((a, b) => b.usedAt - a.usedAt)) {
    if (name.endsWith(SEGMENT)) total += size;
    const age = Date.now() - usedAt;
    const goes =
      (name.endsWith(SEGMENT) && total > maxBytes) ||
      (name.endsWith(NOTE) && age > NOTE_MS) ||
      (name.startsWith('.') && age > ABANDONED_MS);
    if (goes) rmSync(join(dir, name), {force: true});
  }
}
