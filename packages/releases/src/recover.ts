import {existsSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {removeTree, replaceLink, syncDirectory} from '@keelson/atomic-fs';
import {readProgress} from './in-progress.ts';
import {appendEntry, readJournal} from './journal.ts';
import {namesIn, numbersOf, type Layout} from './layout.ts';
import {ASSETS, assetsFile} from './carried-assets.ts';
import {chooseConfig, chosenConfig} from './config-revisions.ts';
import {
  currentNumber,
  factsFile,
  findRelease,
  listReleases,
  readNumber,
  releaseDir,
  UNFINISHED,
  writeFacts,
} from './release-store.ts';
import type {Release} from './release.ts';

/**
 * Clears away what a killed deploy left: half a tree, facts without a tree, a release that was never proved. When that one is
 * current, `current` goes back to the last good release; a first release stays, since there is nothing else to run.
 */
export async function recover(layout: Layout): Promise<void> {
  await removeHalves(layout);
  const current = await settleCurrent(layout);
  for (const release of await listReleases(layout))
    if (release.state === 'staged' && release.number !== current)
      await writeFacts(layout, {...release, state: 'bad', because: 'its deploy was interrupted'});
  await settleConfig(layout, current);
  await recordInterruption(layout, current);
}

/** A configuration that went into service with a release that did not goes with it. */
async function settleConfig(layout: Layout, current: number | undefined): Promise<void> {
  const begun = await readProgress(layout);
  if (begun === undefined || begun.what === 'deploy' || begun.release === current) return;
  const [interrupted, serving] = [
    await findRelease(layout, begun.release),
    await findRelease(layout, current ?? 0),
  ];
  const chosen = await chosenConfig(layout.configNumber);
  if (interrupted !== undefined && serving !== undefined && chosen === interrupted.config)
    await chooseConfig(layout.configNumber, serving.config);
}

async function removeHalves(layout: Layout): Promise<void> {
  for (const number of numbersOf(await namesIn(layout.releases), UNFINISHED))
    await removeTree(`${releaseDir(layout, number)}${UNFINISHED}`);
  for (const number of numbersOf(await namesIn(layout.facts), '.json'))
    if (!existsSync(releaseDir(layout, number))) await rm(factsFile(layout, number), {force: true});
  for (const number of numbersOf(await namesIn(layout.facts), ASSETS))
    if (!existsSync(releaseDir(layout, number))) await rm(assetsFile(layout, number), {force: true});
  // Where others write too (.keelson itself), a temporary file may be one that is being written just now.
  for (const dir of [layout.root, layout.config, layout.facts, layout.releases])
    for (const name of await namesIn(dir))
      if (name.startsWith('.keelson-tmp-')) await removeTree(join(dir, name));
}

/** The number that `current` points to in the end: a release that is there and, where there is one, that was proved. */
async function settleCurrent(layout: Layout): Promise<number | undefined> {
  const number = await currentNumber(layout);
  if (number === undefined) return undefined;
  const release = await findRelease(layout, number);
  if (release?.state === 'good') return number;
  const good = await lastGood(layout);
  if (good !== undefined) await replaceLink(layout.current, `releases/${good.number}`);
  else if (release === undefined) {
    await rm(layout.current, {force: true});
    await syncDirectory(layout.root);
  }
  return good?.number ?? release?.number;
}

async function lastGood(layout: Layout): Promise<Release | undefined> {
  const number = await readNumber(layout.lastGood);
  const marked = number === undefined ? undefined : await findRelease(layout, number);
  if (marked?.state === 'good') return marked;
  return (await listReleases(layout)).findLast(({state}) => state === 'good');
}

async function recordInterruption(layout: Layout, current: number | undefined): Promise<void> {
  const begun = await readProgress(layout);
  if (begun === undefined) return;
  const {what, release: number, attempt} = begun;
  const told = (await readJournal(layout.journal)).some((entry) => entry.attempt === attempt);
  const release = await findRelease(layout, number);
  const {digest, version, revision, config} = release ?? {};
  // Killed between the end of the bake window and its line in the journal: it was done.
  const done =
    what === 'rollback'
      ? current === number && ('rolled-back' as const)
      : release?.state === 'good' && ('deployed' as const);
  const entry = {what: 'recover', result: done || 'interrupted', interrupted: what, attempt} as const;
  if (!told)
    await appendEntry(layout.journal, {...entry, release: number, digest, version, revision, config});
  await rm(layout.inProgress, {force: true});
}
