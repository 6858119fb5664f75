import type {StepOptions} from '@keelson/step';
import type {DeploySettings} from './deploy-settings.ts';
import {readSettings} from './read-settings.ts';
import {nextConfig} from './config-revisions.ts';
import {readJournal, type JournalEntry} from './journal.ts';
import {layoutOf} from './layout.ts';
import {currentRelease, listReleases} from './release-store.ts';
import type {Release} from './release.ts';

/** A deploy root as it is now, seen without its lock. */
export interface DeployRoot {
  readonly kind: 'deploy-root';
  /** Absolute. */
  readonly root: string;
  readonly settings: DeploySettings;
  readonly current: Release | undefined;
  /** Number of the config revision that the next deploy binds; 0: none. */
  readonly config: number;
  /** By number, oldest first. */
  readonly releases: readonly Release[];
  /** Oldest first; of a long one the last MiB. */
  readonly journal: readonly JournalEntry[];
}

/** Reads a deploy root while others may change it; one that does not exist is empty. Faults: RELEASE_SETTINGS, RELEASE_CORRUPT. */
export async function readReleases(root: string, options: StepOptions = {}): Promise<DeployRoot> {
  options.signal?.throwIfAborted();
  const layout = layoutOf(root);
  return {
    kind: 'deploy-root',
    root: layout.root,
    settings: await readSettings(layout.settings),
    current: await currentRelease(layout),
    config: await nextConfig(layout),
    releases: await listReleases(layout),
    journal: await readJournal(layout.journal),
  };
}
