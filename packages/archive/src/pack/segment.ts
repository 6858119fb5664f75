import {closeSync, openSync, writeSync} from 'node:fs';
import type {Breath} from '../breathe.ts';
import {deflateBlocks} from './deflate-blocks.ts';

/** A run of entries, as it goes into the archive. */
export interface Segment {
  /** Open for reading; its first `bytes` bytes are the segment. */
  readonly descriptor: number;
  readonly bytes: number;
  /** Of the tar before it was compressed, and its CRC-32. */
  readonly plainBytes: number;
  readonly crc: number;
  /** sha-256 of its files, in their order. */
  readonly sha256: readonly string[];
}

export interface SegmentOptions {
  /** A new file. */
  readonly path: string;
  /** 1 to 9; undefined leaves the blocks as they are. */
  readonly level: number | undefined;
  readonly breathe: Breath;
  readonly onDone?: ((block: Uint8Array) => void) | undefined;
}

/** Writes blocks into a file, compressed or not. `sha256` is filled while the blocks are made. */
export async function writeSegment(
  blocks: Iterable<Uint8Array>,
  sha256: readonly string[],
  {path, level, breathe, onDone}: SegmentOptions,
): Promise<Segment> {
  const descriptor = openSync(path, 'wx+', 0o600);
  const write = (bytes: Uint8Array) => writeAll(descriptor, bytes);
  try {
    if (level !== undefined)
      return {descriptor, sha256, ...(await deflateBlocks(blocks, {level, write, breathe, onDone}))};
    let bytes = 0;
    for (const block of blocks) {
      write(block);
      bytes += block.length;
      onDone?.(block);
      await breathe();
    }
    return {descriptor, sha256, bytes, plainBytes: bytes, crc: 0};
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at, bytes.length - at);
}
