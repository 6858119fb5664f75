import type {StepOptions} from '@keelson/step';
import type {Archive} from './archive.ts';
import type {ArchiveLimits} from './archive-limits.ts';

export interface ExtractOptions extends StepOptions<{
  readonly type: 'archive:extracted';
  readonly done: number;
  readonly total: number;
}> {
  /** Directory archives: take the folder itself instead of copying it. Default false. */
  readonly move?: boolean | undefined;
  readonly limits?: Partial<ArchiveLimits> | undefined;
}

/** Puts the archive's tree, `keelson.json` included, into `dir`, which must not exist or be empty. */
export async function extractArchive(
  archive: Archive,
  dir: string,
  options: ExtractOptions = {},
): Promise<void> {
  options.signal?.throwIfAborted();
  throw new TypeError(`${archive.path} ${dir}`);
}
