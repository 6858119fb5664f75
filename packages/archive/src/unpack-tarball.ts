import type {StepOptions} from '@keelson/step';
import type {ArchiveLimits} from './archive-limits.ts';
import {newTree} from './new-tree.ts';
import {readTarball} from './read-tarball.ts';
import {safeEntries, type EntrySink} from './safe-entries.ts';
import {writeTree} from './tree-writer.ts';

export interface UnpackEvent {
  readonly type: 'archive:extracted';
  /** Bytes of the tarball that have been read. */
  readonly done: number;
  readonly total: number;
}

export interface UnpackOptions extends StepOptions<UnpackEvent> {
  readonly limits?: Partial<ArchiveLimits> | undefined;
}

export interface Unpacked {
  readonly kind: 'unpacked';
  readonly files: number;
  readonly bytes: number;
}

/**
 * Unpacks any tarball that has one top folder (ours, npm's, `git archive --prefix`), without that folder, into `dir`, which must not
 * exist or be empty. What could harm is refused by name, and then nothing is left; whether it is a good archive is not looked at.
 * Faults: ARCHIVE_MISSING, ARCHIVE_CORRUPT, ARCHIVE_UNSAFE_ENTRY, ARCHIVE_TOO_LARGE, ARCHIVE_DESTINATION.
 */
export async function unpackTarball(
  path: string,
  dir: string,
  options: UnpackOptions = {},
): Promise<Unpacked> {
  options.signal?.throwIfAborted();
  return newTree(dir, async (tree) => {
    let files = 0;
    let bytes = 0;
    const count = (sink: EntrySink): EntrySink => ({
      ...sink,
      file(...file) {
        files++;
        bytes += file[2];
        sink.file(...file);
      },
    });
    await unpackInto(tree, path, {...options, through: count});
    return {kind: 'unpacked', files, bytes};
  });
}

interface Through extends UnpackOptions {
  /** Stands between the tarball and the disk. */
  readonly through: (sink: EntrySink) => EntrySink;
  readonly mayFold?: ((path: string, other: string) => boolean) | undefined;
  /** Links that are not made, because they come to their place by other means. */
  readonly kept?: ((path: string) => boolean) | undefined;
}

/** Writes a tarball's entries into an empty folder of ours; returns its links. */
export async function unpackInto(
  tree: string,
  path: string,
  {through, mayFold, kept, limits, signal, onEvent}: Through,
): Promise<ReadonlyMap<string, string>> {
  const writer = writeTree(tree);
  const safe = safeEntries(path, through(writer), {limits, mayFold});
  const onProgress = (done: number, total: number) => onEvent?.({type: 'archive:extracted', done, total});
  try {
    await readTarball(path, safe.consumer, {signal, limits, onProgress});
  } finally {
    writer.close();
  }
  const links = safe.links();
  for (const [link, target] of links) if (kept?.(link) !== true) writer.link(link, target);
  return links;
}
