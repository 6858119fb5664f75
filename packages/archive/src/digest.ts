import {createHash, hash} from 'node:crypto';
import type {ArchiveEntry, Digest} from './archive-manifest.ts';

/** A call for each of 40 000 lines would take longer than the hashing. */
const AT_ONCE = 64 * 1024;

/** The digest of a tree, from its entries in their order. */
export function digestOf(entries: readonly ArchiveEntry[]): Digest {
  const sum = createHash('sha256');
  let lines = '';
  for (const entry of entries) {
    lines += `${entry.path}\0${entry.mode}\0${entry.mode === 'link' ? entry.target : entry.sha256}\n`;
    if (lines.length < AT_ONCE) continue;
    sum.update(lines);
    lines = '';
  }
  sum.update(lines);
  return `sha256-${sum.digest('hex')}`;
}

/** 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}
