import type {StepOptions} from '@keelson/step';
import type {Archive} from './archive.ts';
import type {ArchiveEntry} from './archive-manifest.ts';

/** Opens a tarball, reading its first entry alone, or a folder that holds `keelson.json`. Nothing else is verified yet. */
export async function openArchive(path: string, options: StepOptions = {}): Promise<Archive> {
  options.signal?.throwIfAborted();
  throw new TypeError(path);
}

/** The archive that a JSON value (`keelson build --json`) or a path names, opened; its digest must still be the same. */
export async function resolveArchive(value: unknown, options: StepOptions = {}): Promise<Archive> {
  options.signal?.throwIfAborted();
  throw new TypeError(String(value));
}

/** The list that is kept out of `archive.manifest`. */
export async function readEntries(archive: Archive, options: StepOptions = {}): Promise<ArchiveEntry[]> {
  options.signal?.throwIfAborted();
  throw new TypeError(archive.path);
}

/** Whether a folder is a built archive: has `keelson.json`. */
export async function isBuilt(dir: string): Promise<boolean> {
  throw new TypeError(dir);
}
