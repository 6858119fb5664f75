import type {Release, ReleaseFacts} from './release.ts';

/** A release in the making: nobody sees it before it is committed. */
export interface StagedRelease {
  /** Absolute; does not exist yet. */
  readonly dir: string;
  readonly number: number;
  /**
   * Links folders that outlive releases: `data` → `../../persistent/data`. What the archive has there seeds the persistent
   * folder when that does not exist yet, and is dropped otherwise. Fault RELEASE_PERSISTENT.
   */
  linkPersistent(paths: readonly string[]): Promise<void>;
  /** Makes the tree read-only and gives it its name. */
  commit(facts: ReleaseFacts): Promise<Release>;
  /** Removes it. */
  discard(): Promise<void>;
}

/** What a release needs of the disk. */
export interface SpaceNeed {
  readonly bytes: number;
  readonly files: number;
}
