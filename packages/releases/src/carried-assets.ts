import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {isInside, writeAtomic} from '@keelson/atomic-fs';
import type {Layout} from './layout.ts';
import {readIfThere} from './release-store.ts';
import type {Release} from './release.ts';

export const ASSETS = '.assets.json';

/** What a release brought itself below its asset folders: JSON, a list of paths. */
export function assetsFile(layout: Layout, number: number): string {
  return join(layout.facts, `${number}${ASSETS}`);
}

export interface AssetPlan {
  /** Folders, relative to the app. */
  readonly folders: readonly string[];
  /** Releases whose files stay reachable, the newest first. */
  readonly from: readonly Release[];
}

/**
 * Makes what earlier releases brought below these folders reachable in a new tree, too, where it has no file of that name: a page that
 * was loaded before the switch finds its scripts. Only what a release brought itself counts, so nothing is carried for ever.
 * Returns the paths that were added.
 */
export async function carryAssets(
  layout: Layout,
  {tree, number}: {readonly tree: string; readonly number: number},
  {folders, from}: AssetPlan,
): Promise<string[]> {
  const own = folders.flatMap((folder) => filesBelow(tree, folder));
  await writeAtomic(assetsFile(layout, number), JSON.stringify(own), {mode: 0o600});
  const added: string[] = [];
  for (const release of from) {
    const list = JSON.parse((await readIfThere(assetsFile(layout, release.number))) ?? '[]') as string[];
    for (const path of list)
      if (carryOne({from: join(release.dir, path), to: join(tree, path)}, tree)) added.push(path);
  }
  return added;
}

function carryOne({from, to}: {readonly from: string; readonly to: string}, tree: string): boolean {
  if (lstatSync(to, {throwIfNoEntry: false}) !== undefined || !existsSync(from)) return false;
  let parent = dirname(to);
  while (!existsSync(parent)) parent = dirname(parent);
  // Where the new release has a link or a file, nothing is put behind it.
  if (!isInside(realpathSync(tree), realpathSync(parent)) || !lstatSync(parent).isDirectory()) return false;
  mkdirSync(dirname(to), {recursive: true});
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
  return true;
}

function filesBelow(tree: string, folder: string): string[] {
  const stats = lstatSync(join(tree, folder), {throwIfNoEntry: false});
  if (stats?.isDirectory() !== true) return [];
  return readdirSync(join(tree, folder), {withFileTypes: true}).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(tree, path);
    return entry.isFile() ? [path] : [];
  });
}
