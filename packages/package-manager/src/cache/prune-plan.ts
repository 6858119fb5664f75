import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import {mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {cloneTree, removeTree, temporaryDirectory} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import {installedFolders} from './installed-folders.ts';
import {moveNew} from './move-new.ts';
import {putAside} from './spare-trees.ts';
import {FOLDER, treeListing} from './tree-listing.ts';

/** What pruning an installed tree does to it. */
interface PrunePlan {
  /** Files, links and whole folders. */
  readonly removed: readonly string[];
  /** Files and links that pruning has written; they lie beside the plan. */
  readonly changed: readonly string[];
}

// Below the cache entry.
const PLAN = 'prune/plan.json';
const CHANGED = 'prune/changed';

export interface PruneTrial extends StepOptions {
  /** Prunes what is installed in a folder. */
  readonly prune: (dir: string) => Promise<void>;
}

/**
 * Prunes what is installed in `dir` as the package manager pruned the same trees once before, which is noted in the cache entry; the
 * first time it prunes a copy, so that what build scripts have added to the trees since is not in the note. False, and nothing is done,
 * where there is no room or right for that.
 */
export async function pruneByPlan(entry: string, dir: string, trial: PruneTrial): Promise<boolean> {
  if (!existsSync(join(entry, PLAN)) && !(await canPlan(entry, dir, trial))) return false;
  const {removed, changed} = readPlan(entry);
  for (const [at, path] of removed.entries()) {
    trial.signal?.throwIfAborted();
    if (!putAside(entry, dir, {path, at})) await removeTree(join(dir, path));
  }
  for (const path of changed) {
    await removeTree(join(dir, path));
    copyEntry(join(entry, CHANGED, path), join(dir, path));
  }
  return true;
}

async function canPlan(entry: string, dir: string, trial: PruneTrial): Promise<boolean> {
  try {
    await makePlan(entry, dir, trial);
    return true;
  } catch (error) {
    trial.signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error; // the package manager's own
    return false;
  }
}

/** What pruning takes out of the trees of this entry, in the order of the numbers that it was put aside under. */
export function plannedRemovals(entry: string): readonly string[] {
  return existsSync(join(entry, PLAN)) ? readPlan(entry).removed : [];
}

function readPlan(entry: string): PrunePlan {
  return JSON.parse(readFileSync(join(entry, PLAN), 'utf8')) as PrunePlan;
}

async function makePlan(entry: string, dir: string, {prune, signal}: PruneTrial): Promise<void> {
  // A neighbour of the app, so that `file:../` holds.
  await using app = await temporaryDirectory({parent: dirname(dir), prefix: '.keelson-tmp-'});
  await using work = await temporaryDirectory({parent: entry, prefix: '.keelson-tmp-'});
  const copy = app.path;
  const trees = new Set(installedFolders(dir));
  await cloneTree(dir, copy, {signal, skip: (path) => trees.has(path)});
  await cloneTree(join(entry, 'tree'), copy, {signal});
  const before = await treeListing(copy, installedFolders(copy));
  await prune(copy);
  const after = await treeListing(copy, installedFolders(copy));

  const gone = new Set([...before.keys()].filter((path) => !after.has(path)));
  const removed = [...gone].filter((path) => !gone.has(dirname(path)));
  const written = [...after.keys()].filter((path) => after.get(path) !== before.get(path));
  // yarn writes every file anew.
  const same = (path: string) => before.has(path) && sameContent(join(entry, 'tree', path), join(copy, path));
  const changed = written.filter((path) => after.get(path) !== FOLDER && !same(path));
  for (const path of changed) copyEntry(join(copy, path), join(work.path, CHANGED, path));
  const plan: PrunePlan = {removed, changed};
  await mkdir(dirname(join(work.path, PLAN)), {recursive: true});
  await writeFile(join(work.path, PLAN), JSON.stringify(plan));
  await moveNew(dirname(join(work.path, PLAN)), dirname(join(entry, PLAN)));
}

function copyEntry(from: string, to: string): void {
  mkdirSync(dirname(to), {recursive: true});
  if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else copyFileSync(from, to);
}

function sameContent(one: string, other: string): boolean {
  const stats = [lstatSync(one), lstatSync(other)] as const;
  if (!stats.every((file) => file.isFile()) || stats[0].mode !== stats[1].mode) return false;
  return stats[0].size === stats[1].size && readFileSync(one).equals(readFileSync(other));
}
