import type {StepOptions} from '@keelson/step';
import type {ConfigRevisions} from './config-revisions.ts';
import type {DeploySettings} from './deploy-settings.ts';
import type {JournalEntry} from './journal.ts';
import type {PortPlan} from './port-plan.ts';
import type {Release} from './release.ts';
import type {SpaceNeed, StagedRelease} from './staged-release.ts';

export interface OpenReleasesOptions extends StepOptions {
  /** Shown to whoever waits for the lock, e.g. `deploy of 1.2.0`. */
  readonly reason?: string | undefined;
  /** How long to wait for another owner of the lock. Default 0. */
  readonly waitMs?: number | undefined;
}

export interface PruneOptions {
  /** Good releases to keep. Default 5. */
  readonly keep?: number | undefined;
  /** Numbers of releases whose processes run: never removed. */
  readonly running?: readonly number[] | undefined;
}

/** A deploy root that this process alone may change, until disposed. */
export interface Releases extends AsyncDisposable {
  /** Absolute. */
  readonly root: string;
  readonly settings: DeploySettings;
  readonly config: ConfigRevisions;
  /** What `current` points to. */
  current(): Promise<Release | undefined>;
  /** By number, oldest first. */
  list(): Promise<Release[]>;
  /** The release with this number. Fault RELEASE_MISSING. */
  get(number: number): Promise<Release>;
  /** Where a rollback goes: the good release that the current one replaced, else the newest good one before it. */
  previous(): Promise<Release | undefined>;
  /** Reserves the next number. Fault RELEASE_NO_SPACE when the disk has less than `need` twice over. */
  stage(need?: SpaceNeed): Promise<StagedRelease>;
  /** Points `current` to it; undefined: to nothing. */
  activate(release: Release | undefined): Promise<void>;
  markGood(release: Release): Promise<Release>;
  markBad(release: Release, because: string): Promise<Release>;
  /** Removes a release that is not current. */
  remove(release: Release): Promise<void>;
  /** Removes what no rollback needs, and returns that. */
  prune(options?: PruneOptions): Promise<Release[]>;
  /** The ports kept for this app. */
  ports(): Promise<PortPlan | undefined>;
  keepPorts(plan: PortPlan): Promise<void>;
  /** Appends to the journal and ends what was in progress. */
  record(entry: Omit<JournalEntry, 'at' | 'by'> & {readonly by?: string | undefined}): Promise<JournalEntry>;
}

/** Opens (or makes) a deploy root, takes its lock and clears away what a killed deploy left. Faults: all of ReleaseFault. */
export async function openReleases(root: string, options: OpenReleasesOptions = {}): Promise<Releases> {
  options.signal?.throwIfAborted();
  throw new TypeError(`not yet: ${root}`);
}
