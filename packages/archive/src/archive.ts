import type {ArchiveManifest, Digest} from './archive-manifest.ts';

/** A built app at rest. Plain data: what it says can go through a pipe as JSON. */
export interface Archive {
  readonly kind: 'archive';
  /** A tarball, or a folder with `keelson.json` at its root (as git delivers it). */
  readonly form: 'file' | 'directory';
  /** Absolute. */
  readonly path: string;
  readonly digest: Digest;
  /** Of the file's bytes; known to who wrote it, not to who only opened it. */
  readonly fileDigest?: Digest | undefined;
  /** Size of the file; of a folder, the sum of its entries. */
  readonly bytes: number;
  readonly manifest: ArchiveManifest;
}
