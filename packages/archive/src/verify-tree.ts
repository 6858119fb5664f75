import type {StepOptions} from '@keelson/step';
import type {Archive} from './archive.ts';
import type {Digest} from './archive-manifest.ts';

/** What differs from `keelson.json`; no problems means that nothing does. */
export interface Verification {
  readonly kind: 'verification';
  /** Of what is really there. */
  readonly digest: Digest;
  readonly problems: readonly {readonly path: string; readonly because: string}[];
}

/** Compares every file and link of a folder with its `keelson.json`. */
export async function verifyTree(dir: string, options: StepOptions = {}): Promise<Verification> {
  options.signal?.throwIfAborted();
  throw new TypeError(dir);
}

/** The same for an archive of either form; a tarball is read through, nothing is written. */
export async function verifyArchive(archive: Archive, options: StepOptions = {}): Promise<Verification> {
  options.signal?.throwIfAborted();
  throw new TypeError(archive.path);
}
