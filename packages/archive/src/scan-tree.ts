import {closeSync, fstatSync} from 'node:fs';
import {join} from 'node:path';
import type {ArchiveEntry, FileEntry} from './archive-manifest.ts';
import {createBreath, type Breath} from './breathe.ts';
import {changed, stampOf} from './file-stamp.ts';
import {hashFile, openFile} from './hash-file.ts';
import {statEntry, type StattedFile} from './stat-tree.ts';
import {walkTree, type WalkOptions} from './walk-tree.ts';

/**
 * Every file and link of a tree, sorted by path, every file hashed. Refuses what walkTree refuses; also ARCHIVE_CHANGED.
 */
export async function scanTree(root: string, options: WalkOptions = {}): Promise<ArchiveEntry[]> {
  const breathe = createBreath(options.signal);
  const {entries} = await walkTree(root, options);
  const scanned: ArchiveEntry[] = [];
  for (const found of entries) {
    const entry = statEntry(root, found);
    if (entry.mode === 'folder') continue;
    scanned.push(entry.mode === 'link' ? entry : await scanFile(root, entry, breathe));
    await breathe();
  }
  return scanned;
}

async function scanFile(
  root: string,
  {path, mode, size, stamp}: StattedFile,
  breathe: Breath,
): Promise<FileEntry> {
  const descriptor = openFile(join(root, path));
  if (descriptor === undefined) throw changed(root, path);
  try {
    const sha256 = await hashFile(descriptor, size, breathe);
    if (stampOf(fstatSync(descriptor, {bigint: true})) !== stamp) throw changed(root, path);
    return {path, mode, size, sha256};
  } finally {
    closeSync(descriptor);
  }
}
