import {rename} from 'node:fs/promises';
import {join} from 'node:path';
import {removeTree, syncDirectory, writeAtomic} from '@keelson/atomic-fs';
import {assetsFile, carryAssets, type AssetPlan} from './carried-assets.ts';
import {writeProgress} from './in-progress.ts';
import type {Change} from './journal.ts';
import type {Layout} from './layout.ts';
import {namesIn, numbersOf} from './layout.ts';
import {linkPersistentFolders} from './persistent-links.ts';
import {readIfThere, readNumber, releaseDir, UNFINISHED, writeFacts} from './release-store.ts';
import type {Release, ReleaseFacts} from './release.ts';
import {writeRendered} from './rendered-files.ts';
import {sealTree} from './seal-tree.ts';
import {shareTree} from './share-tree.ts';

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
  /**
   * Writes files that are this release's own, 0600, relative to its folder; what was there is replaced, never written to. Fault
   * RELEASE_RENDERED when a link or a file is on the way.
   */
  writeRendered(files: Readonly<Record<string, string>>): Promise<void>;
  /** Fills it with the files of another release, which both share, but for those that were rendered for that one. */
  shareTree(release: Release): Promise<void>;
  /** Keeps what earlier releases brought below these folders reachable in this one; returns what was added. */
  carryAssets(plan: AssetPlan): Promise<string[]>;
  /** Makes the tree read-only and gives it its name. */
  commit(facts: ReleaseFacts): Promise<Release>;
  /** Removes it. */
  discard(): Promise<void>;
}

/** Reserves the next number for good and says so in `.keelson/in-progress`. */
export async function stageRelease(
  layout: Layout,
  {what, reason}: {readonly what: Change; readonly reason: string},
): Promise<StagedRelease & {readonly attempt: string}> {
  const number = (await highestNumber(layout)) + 1;
  await writeAtomic(layout.lastNumber, `${number}\n`, {mode: 0o600});
  const attempt = await writeProgress(layout, {what, release: number, reason});
  const named = releaseDir(layout, number);
  const dir = `${named}${UNFINISHED}`;
  let rendered: readonly string[] = [];
  return {
    dir,
    number,
    attempt,
    async shareTree(release) {
      shareTree(release.dir, dir, new Set(release.rendered?.map((path) => join(release.dir, path))));
      const assets = await readIfThere(assetsFile(layout, release.number));
      if (assets !== undefined) await writeAtomic(assetsFile(layout, number), assets, {mode: 0o600});
    },
    async writeRendered(files) {
      await writeRendered(dir, files);
      rendered = Object.keys(files);
    },
    carryAssets: (plan) => carryAssets(layout, {tree: dir, number}, plan),
    linkPersistent: (paths) => linkPersistentFolders({tree: dir, persistent: layout.persistent}, paths),
    async commit(facts) {
      const diskBytes = await sealTree(dir, new Set(rendered.map((path) => join(dir, path))));
      const createdAt = new Date().toISOString();
      const release: Release = {
        kind: 'release',
        number,
        dir: named,
        ...facts,
        createdAt,
        state: 'staged',
        diskBytes,
        ...(rendered.length > 0 && {rendered}),
      };
      await writeFacts(layout, release);
      await rename(dir, named);
      await syncDirectory(layout.releases);
      return release;
    },
    discard: () => removeTree(dir),
  };
}

/** The highest number that was ever given, also when its release is gone or the counter is. */
async function highestNumber(layout: Layout): Promise<number> {
  const folders = await namesIn(layout.releases);
  return Math.max(
    (await readNumber(layout.lastNumber)) ?? 0,
    ...numbersOf(folders, ''),
    ...numbersOf(folders, UNFINISHED),
    ...numbersOf(await namesIn(layout.facts), '.json'),
  );
}
