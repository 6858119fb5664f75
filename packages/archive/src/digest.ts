import {createHash, hash} from 'node:crypto';
import type {ArchiveEntry, Digest} from './archive-manifest.ts';

/** The digest of a tree, from its entries in their order. */
export function digestOf(entries: readonly ArchiveEntry[]): Digest {
  const sum = createHash('sha256');
  for (const entry of entries)
    sum.update(`${entry.path}\0${entry.mode}\0${entry.mode === 'link' ? entry.target : entry.sha256}\n`);
  return `sha256-${sum.digest('hex')}`;
}

/** 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}
