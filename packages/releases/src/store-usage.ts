import {lstatSync, readdirSync} from 'node:fs';
import {rename} from 'node:fs/promises';
import {join} from 'node:path';
import {removeTree} from '@keelson/atomic-fs';
import {namesIn, type Layout} from './layout.ts';
import type {Release} from './release.ts';

const BLOCK = 512;

/** What the dependencies of each key take of the disk, in bytes. */
export async function storeUsage(layout: Layout): Promise<Map<string, number>> {
  const names = await namesIn(layout.store);
  return new Map(names.map((name) => [name, usageOf(join(layout.store, name))]));
}

/** Removes dependencies that no release has any more. */
export async function pruneStore(layout: Layout, releases: readonly Release[]): Promise<void> {
  const used = new Set(releases.map(({dependencies}) => dependencies));
  for (const name of await namesIn(layout.store)) {
    if (used.has(name)) continue;
    const half = join(layout.store, `${name.replace(/\.tmp$/, '')}.tmp`);
    if (!name.endsWith('.tmp')) await rename(join(layout.store, name), half);
    await removeTree(half);
  }
}

function usageOf(dir: string): number {
  return readdirSync(dir, {withFileTypes: true}).reduce(
    (sum, entry) =>
      sum +
      (entry.isDirectory()
        ? usageOf(join(dir, entry.name))
        : lstatSync(join(dir, entry.name)).blocks * BLOCK),
    lstatSync(dir).blocks * BLOCK,
  );
}
