import type {StepOptions} from '@keelson/step';
import type {ArchiveLimits} from './archive-limits.ts';

export interface UnpackOptions extends StepOptions {
  readonly limits?: Partial<ArchiveLimits> | undefined;
}

export interface Unpacked {
  readonly kind: 'unpacked';
  readonly files: number;
  readonly bytes: number;
}

/** Any tarball with a single top folder (ours, npm's, git archive's), which is stripped. Safe as extractArchive, but nothing is verified. */
export async function unpackTarball(
  path: string,
  dir: string,
  options: UnpackOptions = {},
): Promise<Unpacked> {
  options.signal?.throwIfAborted();
  throw new TypeError(`${path} ${dir}`);
}
