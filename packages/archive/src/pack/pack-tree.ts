import {join} from 'node:path';
import type {StepOptions} from '@keelson/step';
import type {ArchiveEntry} from '../archive-manifest.ts';
import {createBreath} from '../breathe.ts';
import {formatManifest, storedManifestOf, summaryOf} from '../stored-manifest.ts';
import {statTree, type StattedEntry} from '../stat-tree.ts';
import {isDependency} from '../walk-tree.ts';
import {joinSegments} from './join-segments.ts';
import type {Packed, PackEvent, PackOrder} from './pack-order.ts';
import {createSegmentPacker} from './segment-packer.ts';

/**
 * Packs a tree that was found: the dependencies, then the app, then the manifest that tells their digests; in the file the manifest comes
 * first. Files are read synchronously, between two of them others get their turn. Faults: ARCHIVE_CHANGED, ARCHIVE_NO_ZSTD.
 */
export async function packTree(order: PackOrder, options: StepOptions<PackEvent>): Promise<Packed> {
  const {facts, work, format, level} = order;
  const {signal, onEvent} = options;
  const breathe = createBreath(signal);
  const tree = await statTree(order.root, order.tree, breathe);
  using packer = createSegmentPacker(tree, order, {signal, breathe, tell: (event) => onEvent?.(event)});
  const theirs = tree.entries.filter(({path}) => isDependency(path));
  const ours = tree.entries.filter(({path}) => !isDependency(path));

  const deps = await packer.dependencies(theirs);
  const app = await packer.app(ours);
  const sums = new Map([...digests(theirs, deps.sha256), ...digests(ours, app.sha256)]);
  const manifest = storedManifestOf(facts, tree, storedEntries(tree.entries, sums));
  const first = await packer.manifest(formatManifest(manifest));

  const target = {to: join(work, order.file), format, level, breathe};
  const written = await joinSegments([first, deps, app], target);
  return {manifest: summaryOf(manifest), ...written};
}

/** A segment has the digests of its files in the order of its entries. */
function digests(
  entries: readonly StattedEntry[],
  sha256: readonly string[],
): [path: string, sha256: string][] {
  const files = entries.filter(({mode}) => mode === '644' || mode === '755');
  return files.map(({path}, index) => [path, sha256[index]!]);
}

function storedEntries(entries: readonly StattedEntry[], sums: ReadonlyMap<string, string>): ArchiveEntry[] {
  return entries.flatMap((entry): ArchiveEntry[] => {
    if (entry.mode === 'folder') return [];
    if (entry.mode === 'link') return [entry];
    const {path, mode, size} = entry;
    return [{path, mode, size, sha256: sums.get(path)!}];
  });
}
