import type {StepOptions} from '@keelson/step';
import type {DeploySettings} from './deploy-settings.ts';
import type {JournalEntry} from './journal.ts';
import type {Release} from './release.ts';

/** A deploy root as it is now, seen without its lock. */
export interface DeployRoot {
  readonly kind: 'deploy-root';
  /** Absolute. */
  readonly root: string;
  readonly settings: DeploySettings;
  readonly current: Release | undefined;
  /** By number, oldest first. */
  readonly releases: readonly Release[];
  /** Oldest first. */
  readonly journal: readonly JournalEntry[];
}

/** Reads a deploy root while others may change it; one that does not exist is empty. Fault RELEASE_SETTINGS. */
export async function readReleases(root: string, options: StepOptions = {}): Promise<DeployRoot> {
  options.signal?.throwIfAborted();
  throw new TypeError(`not yet: ${root}`);
}
