import {join} from 'node:path';
import type {StepOptions} from '@keelson/step';
import type {ArchiveEntry} from '../archive-manifest.ts';
import {createBreath} from '../breathe.ts';
import {ArchiveFault} from '../fault.ts';
import {formatManifest, storedManifestOf, summaryOf} from '../stored-manifest.ts';
import {statTree, type StattedEntry, type StattedTree} from '../stat-tree.ts';
import {isDependency} from '../walk-tree.ts';
import {joinSegments} from './join-segments.ts';
import type {Packed, PackEvent, PackOrder} from './pack-order.ts';
import {createSegmentPacker} from './segment-packer.ts';

/**
 * Packs a tree that was found: the dependencies, then the app, then the manifest that tells their digests; in the file the manifest comes
 * first. Files are read synchronously, between two of them others get their turn. Faults: ARCHIVE_TOO_LARGE, ARCHIVE_CHANGED,
 * ARCHIVE_NO_ZSTD.
 */
export async function packTree(order: PackOrder, options: StepOptions<PackEvent>): Promise<Packed> {
  const {facts, work, format, level} = order;
  const {signal, onEvent} = options;
  const breathe = createBreath(signal);
  const tree = await statTree(order.root, order.tree, breathe);
  requireExtractable(tree, order);
  using packer = createSegmentPacker(tree, order, {signal, breathe, tell: (event) => onEvent?.(event)});
  const theirs = tree.entries.filter(({path}) => isDependency(path));
  const ours = tree.entries.filter(({path}) => !isDependency(path));

  const deps = await packer.dependencies(theirs);
  const app = await packer.app(ours);
  const manifest = storedManifestOf(facts, tree, storedEntries(tree.entries, [deps.sha256, app.sha256]));
  const first = await packer.manifest(formatManifest(manifest));

  const target = {to: join(work, order.file), format, level, breathe, signal};
  const written = await joinSegments([first, deps, app], target);
  return {manifest: summaryOf(manifest), ...written};
}

/** Of what is unpacked as much is refused: better said here than on the target. */
function requireExtractable({entries, bytes}: StattedTree, {root, limits}: PackOrder): void {
  const because =
    entries.length >= limits.entries // keelson.json is one more
      ? `it has ${entries.length} files, links and empty folders, and an archive up to ${limits.entries}`
      : bytes > limits.bytes
        ? `its files have ${bytes} bytes, and those of an archive up to ${limits.bytes}`
        : undefined;
  if (because === undefined) return;
  throw new ArchiveFault('ARCHIVE_TOO_LARGE', `${root} is too large: ${because}`, {
    hint: 'Leave out what it does not need to run.',
  });
}

/** @param sha256 of the files of the dependencies, and of the others, each in the order of the entries */
function storedEntries(
  entries: readonly StattedEntry[],
  [theirs, ours]: readonly [readonly string[], readonly string[]],
): ArchiveEntry[] {
  const at = [0, 0] as [number, number];
  const stored: ArchiveEntry[] = [];
  for (const entry of entries) {
    if (entry.mode === 'folder') continue;
    if (entry.mode === 'link') {
      stored.push(entry);
      continue;
    }
    const {path, mode, size} = entry;
    const sha256 = isDependency(path) ? theirs[at[0]++]! : ours[at[1]++]!;
    stored.push({path, mode, size, sha256});
  }
  return stored;
}
