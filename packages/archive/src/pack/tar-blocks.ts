import {createHash, hash} from 'node:crypto';
import {closeSync, fstatSync} from 'node:fs';
import {changed, stampOf} from '../file-stamp.ts';
import {openFile, readFully} from '../hash-file.ts';
import type {StattedEntry, StattedFile} from '../stat-tree.ts';
import type {HeaderOf} from './tar-header.ts';

/** Each is compressed on its own: large enough to lose nothing by it, small enough to keep all processors busy. */
export const BLOCK = 1024 * 1024;

export interface TarContents {
  readonly root: string;
  readonly headerOf: HeaderOf;
  /** An empty block of BLOCK bytes; whoever gets a block has it to himself. */
  readonly take: () => Buffer;
  /** The sha-256 of the file that was just read, in the order of the entries: 64 hexadecimal digits. */
  readonly onHashed: (sha256: string) => void;
}

/**
 * The tar of some entries, in blocks of which all but the last are full. Every file is opened and read once, synchronously, straight
 * into a block, and hashed there: opening 36 000 files asynchronously alone takes longer than all of this.
 * Faults: ARCHIVE_CHANGED.
 */
export function* tarBlocks(entries: readonly StattedEntry[], contents: TarContents): Generator<Buffer> {
  const {headerOf, take} = contents;
  let block = take();
  let filled = 0;
  function* advance(count: number): Generator<Buffer> {
    filled += count;
    if (filled < BLOCK) return;
    yield block;
    block = take();
    filled = 0;
  }

  for (const entry of entries) {
    const header = headerOf(entry);
    for (let from = 0; from < header.length;) {
      const part = header.subarray(from, from + BLOCK - filled);
      block.set(part, filled);
      from += part.length;
      yield* advance(part.length);
    }
    if (entry.mode === 'folder' || entry.mode === 'link') continue;
    for (const count of readInto(entry, contents, () => ({block, filled}))) yield* advance(count);
    const padding = (512 - (entry.size % 512)) % 512;
    block.fill(0, filled, filled + padding);
    yield* advance(padding);
  }
  if (filled > 0) yield block.subarray(0, filled);
}

/** Reads a file into the place that there is each time; says how many bytes went there. */
function* readInto(
  {path, size, stamp}: StattedFile,
  {root, onHashed}: TarContents,
  place: () => {readonly block: Buffer; readonly filled: number},
): Generator<number> {
  const descriptor = openFile(`${root}/${path}`);
  if (descriptor === undefined) throw changed(root, path);
  try {
    const check = () => {
      if (stampOf(fstatSync(descriptor, {bigint: true})) !== stamp) throw changed(root, path);
    };
    const {block, filled} = place();
    if (size <= BLOCK - filled) {
      const bytes = block.subarray(filled, filled + size);
      if (readFully(descriptor, bytes) !== size) throw changed(root, path);
      check();
      onHashed(hash('sha256', bytes, 'hex'));
      yield size;
      return;
    }
    const sum = createHash('sha256');
    for (let left = size; left > 0;) {
      const {block: into, filled: from} = place();
      const bytes = into.subarray(from, from + Math.min(left, BLOCK - from));
      const count = readFully(descriptor, bytes);
      if (count !== bytes.length) throw changed(root, path);
      sum.update(bytes);
      left -= count;
      yield count;
    }
    check();
    onHashed(sum.digest('hex'));
  } finally {
    closeSync(descriptor);
  }
}
