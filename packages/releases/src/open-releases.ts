import {rm} from 'node:fs/promises';
import {lockDirectory, replaceLink, syncDirectory, writeAtomic, type DirectoryLock} from '@keelson/atomic-fs';
import {isFault, type StepOptions} from '@keelson/step';
import {configRevisions, type ConfigRevisions} from './config-revisions.ts';
import type {DeploySettings} from './deploy-settings.ts';
import {readSettings} from './read-settings.ts';
import {ReleaseFault} from './fault.ts';
import {requireSpace, type SpaceNeed} from './free-space.ts';
import {writeProgress} from './in-progress.ts';
import {appendEntry, type Change, type JournalEntry, type NewEntry} from './journal.ts';
import {layoutOf, makeFolders, refuseForeignFiles, type Layout} from './layout.ts';
import {migrationLedger, type MigrationLedger} from './migration-ledger.ts';
import {readPorts, writePorts, type PortPlan} from './port-plan.ts';
import {recover} from './recover.ts';
import {
  currentNumber,
  currentRelease,
  deleteRelease,
  findRelease,
  listReleases,
  readNumber,
  writeFacts,
} from './release-store.ts';
import type {Release} from './release.ts';
import {previousGood, releasesToRemove} from './retention.ts';
import {bytesOf} from './size.ts';
import {stageRelease, type StagedRelease} from './staged-release.ts';
import {pruneStore, storeUsage} from './store-usage.ts';

export interface OpenReleasesOptions extends StepOptions {
  /** Shown to whoever waits for the lock, e.g. `deploy of 1.2.0`. */
  readonly reason?: string | undefined;
  /** How long to wait for another owner of the lock. Default 0. */
  readonly waitMs?: number | undefined;
}

export interface PruneOptions {
  /** Releases to keep, of those that were good once. Default: keelson.json, else 5. */
  readonly keep?: number | undefined;
  /** Numbers of releases whose processes run: never removed. */
  readonly running?: readonly number[] | undefined;
  /** What all of them may take of the disk, in bytes. Default: keelson.json, else no limit. */
  readonly diskBytes?: number | undefined;
}

/** A deploy root that this process alone may change, until disposed. */
export interface Releases extends AsyncDisposable {
  /** Absolute. */
  readonly root: string;
  readonly settings: DeploySettings;
  readonly config: ConfigRevisions;
  readonly migrations: MigrationLedger;
  /** Where dependencies that releases share are kept; `ReleaseFacts.dependencies` are names in it. */
  readonly store: string;
  /** What `current` points to. */
  current(): Promise<Release | undefined>;
  /** By number, oldest first. */
  list(): Promise<Release[]>;
  /** The release with this number. Fault RELEASE_MISSING. */
  get(number: number): Promise<Release>;
  /** Where a rollback goes: the good release that the current one replaced, else the newest good one before it. */
  previous(): Promise<Release | undefined>;
  /** Reserves the next number. Fault RELEASE_NO_SPACE when the disk has less than that free. */
  stage(need?: SpaceNeed, what?: 'deploy' | 'config'): Promise<StagedRelease>;
  /** Says what is about to be done to a release that is there, in case it is killed. `stage` does so itself. */
  begin(what: Change, release: Release): Promise<void>;
  /** Points `current` to it; undefined: to nothing. Fault RELEASE_MISSING. */
  activate(release: Release | undefined): Promise<void>;
  /** It proved itself, and is what a crash goes back to. */
  markGood(release: Release): Promise<Release>;
  /** No rollback goes to it by itself. */
  markBad(release: Release, because: string): Promise<Release>;
  /** Removes what no rollback needs, and returns that. */
  prune(options?: PruneOptions): Promise<Release[]>;
  /** The ports kept for this app. */
  ports(): Promise<PortPlan | undefined>;
  keepPorts(plan: PortPlan): Promise<void>;
  /** Writes what it goes by now, for others to read: `.keelson/merged.json`, 0600. */
  writeMerged(merged: object): Promise<void>;
  /** Appends to the journal and ends what was in progress. */
  record(entry: NewEntry): Promise<JournalEntry>;
}

const KEEP = 5;

/**
 * Opens (or makes) a deploy root, takes its lock and clears away what a killed deploy left.
 * Faults: RELEASE_FOREIGN_FILES, RELEASE_LOCKED (temporary; names the owner and its reason), RELEASE_SETTINGS, RELEASE_CORRUPT.
 */
export async function openReleases(root: string, options: OpenReleasesOptions = {}): Promise<Releases> {
  options.signal?.throwIfAborted();
  const layout = layoutOf(root);
  await refuseForeignFiles(layout);
  const settings = await readSettings(layout.settings);
  await makeFolders(layout);
  const lock = await lockRoot(layout, options);
  try {
    await recover(layout);
    return releasesOf(layout, {settings, lock, reason: options.reason ?? 'deploy'});
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

async function lockRoot(layout: Layout, options: OpenReleasesOptions): Promise<DirectoryLock> {
  try {
    return await lockDirectory(layout.state, options);
  } catch (error) {
    if (!isFault(error) || error.code !== 'LOCK_HELD') throw error;
    throw new ReleaseFault('RELEASE_LOCKED', `${layout.root} is being changed: ${error.message}`, {
      cause: error,
      temporary: true,
      hint: error.hint ?? 'Wait for it, or try again.',
    });
  }
}

interface Opened {
  readonly settings: DeploySettings;
  readonly lock: DirectoryLock;
  readonly reason: string;
}

function releasesOf(layout: Layout, {settings, lock, reason}: Opened): Releases {
  const list = () => listReleases(layout);
  const current = () => currentRelease(layout);
  let attempt: string | undefined;
  const get = async (number: number) => {
    const release = await findRelease(layout, number);
    if (release !== undefined) return release;
    const there = (await list()).map((one) => one.number).join(', ') || 'none';
    throw new ReleaseFault('RELEASE_MISSING', `release ${number} is not in ${layout.root}`, {
      hint: `Releases there: ${there}.`,
    });
  };
  return {
    root: layout.root,
    settings,
    config: configRevisions(layout, ({number: config, by, reader}) => {
      const {environment} = settings;
      return appendEntry(layout.journal, {what: 'config', result: 'added', config, by, reader, environment});
    }),
    migrations: migrationLedger(layout.migrations),
    store: layout.store,
    current,
    list,
    get,
    previous: async () => previousGood(await list(), await current()),
    async stage(need = {bytes: 0, files: 0}, what = 'deploy') {
      await requireSpace(layout.root, need);
      const staged = await stageRelease(layout, {what, reason});
      ({attempt} = staged);
      return staged;
    },
    async begin(what, release) {
      attempt = await writeProgress(layout, {what, release: release.number, reason});
    },
    async activate(release) {
      if (release === undefined) {
        await rm(layout.current, {force: true});
        return syncDirectory(layout.root);
      }
      const known = await get(release.number);
      const before = await currentNumber(layout);
      if (known.state === 'staged' && before !== undefined && before !== known.number)
        await writeFacts(layout, {...known, replaced: before});
      await replaceLink(layout.current, `releases/${known.number}`);
    },
    async markGood(release) {
      const {because: _, ...known} = await get(release.number);
      const provedAt = known.provedAt ?? new Date().toISOString();
      const good = await writeFacts(layout, {...known, state: 'good', provedAt});
      await writeAtomic(layout.lastGood, `${release.number}\n`, {mode: 0o600});
      return good;
    },
    async markBad(release, because) {
      return writeFacts(layout, {...(await get(release.number)), state: 'bad', because});
    },
    async prune({keep = settings.keep ?? KEEP, running = [], diskBytes} = {}) {
      const bytes = diskBytes ?? (settings.disk === undefined ? undefined : bytesOf(settings.disk));
      const disk = bytes === undefined ? undefined : {bytes, shared: await storeUsage(layout)};
      const lastGood = await readNumber(layout.lastGood);
      const retention = {current: await current(), lastGood, keep, running, disk};
      const removed = releasesToRemove(await list(), retention);
      for (const {number} of removed) await deleteRelease(layout, number);
      await pruneStore(layout, await list());
      return removed;
    },
    ports: () => readPorts(layout.ports),
    keepPorts: (plan) => writePorts(layout.ports, plan),
    writeMerged: (merged) =>
      writeAtomic(layout.merged, `${JSON.stringify(merged, null, 2)}\n`, {mode: 0o600}),
    async record(entry) {
      const {environment = settings.environment} = entry;
      const written = await appendEntry(layout.journal, {...entry, environment, attempt});
      await rm(layout.inProgress, {force: true});
      return written;
    },
    [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
  };
}
