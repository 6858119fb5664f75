import type {StepOptions} from '@keelson/step';
import type {Archive} from './archive.ts';
import type {ManifestFacts} from './archive-manifest.ts';

export type WriteEvent =
  | {readonly type: 'archive:excluded'; readonly path: string; readonly because: string}
  | {readonly type: 'archive:packed'; readonly done: number; readonly total: number};

export interface ArchiveTarget {
  readonly facts: ManifestFacts;
  /** `.tgz` or `.tar.gz` is compressed, `.tar` is not. */
  readonly to: string;
  /** Says why a path (of a file or a folder) stays out, beside what always stays out. */
  readonly exclude?: ((path: string) => string | undefined) | undefined;
}

export async function writeArchive(
  dir: string,
  target: ArchiveTarget,
  options: StepOptions<WriteEvent> = {},
): Promise<Archive> {
  options.signal?.throwIfAborted();
  throw new TypeError(`${dir} ${target.to}`);
}
