import type {ArchiveFormat} from '../archive-format.ts';
import type {ArchiveLimits} from '../archive-limits.ts';
import type {ArchiveManifest, Digest, ManifestFacts} from '../archive-manifest.ts';
import type {FoundTree} from '../walk-tree.ts';

export interface CacheOrder {
  /** Folder of the cache; made when it is not there. */
  readonly dir: string;
  /** Reads and hashes the files of a segment that would be taken from the cache, and packs them anew when they differ. */
  readonly verify: boolean;
  /** The oldest segments go when there is more. */
  readonly maxBytes: number;
}

/** What is to be packed, and where. */
export interface PackOrder {
  readonly root: string;
  readonly tree: FoundTree;
  readonly facts: ManifestFacts;
  /** An empty folder of ours, where `file` is made, too. */
  readonly work: string;
  readonly file: string;
  readonly format: ArchiveFormat;
  /** Of the compression; undefined: the format's own default. */
  readonly level: number | undefined;
  readonly modifiedAt: number;
  readonly cache: CacheOrder | undefined;
  readonly limits: Pick<ArchiveLimits, 'entries' | 'bytes'>;
}

export interface Packed {
  readonly manifest: ArchiveManifest;
  /** Of the file. */
  readonly bytes: number;
  readonly fileDigest: Digest;
}

export type PackEvent =
  | {readonly type: 'archive:packed'; readonly done: number; readonly total: number}
  | {readonly type: 'archive:cache-used'; readonly bytes: number}
  | {readonly type: 'archive:cache-missed'; readonly because: string};
