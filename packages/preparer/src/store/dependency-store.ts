import {existsSync, mkdirSync, readFileSync, renameSync, writeFileSync, type Stats} from 'node:fs';
import {rename} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {removeTree, syncDirectory} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import {linkTree} from './link-tree.ts';
import {modulesFolders} from './modules-folders.ts';

// <store>/<key>/index.json and <store>/<key>/tree/…/node_modules. An entry gets its name when it is complete.

interface Index {
  /** Relative, with `/`. */
  readonly folders: readonly string[];
  /** Size and time of each file when it was stored: what was written to since is not used again. */
  readonly files: Readonly<Record<string, readonly [size: number, mtimeMs: number]>>;
  /** Add-ons that loaded. */
  readonly proved: readonly string[];
}

/** Dependencies that are kept. */
export interface Held extends Pick<Index, 'folders' | 'files' | 'proved'> {
  /** Their folder in the store. */
  readonly entry: string;
}

/** What was kept under this key; undefined: nothing. */
export function heldDependencies(entry: string): Held | undefined {
  const path = join(entry, 'index.json');
  return existsSync(path) ? {...(JSON.parse(readFileSync(path, 'utf8')) as Index), entry} : undefined;
}

/** Beside what is replaced, so that it is replaced as a whole. */
const HALF = '.keelson-tmp-dependencies';

class Changed extends Error {}

/**
 * Puts dependencies that were kept into `dir`, where they replace any that are there: the same files under a second
 * name, read-only. Undefined when somebody wrote to them (then they are dropped); else the add-ons that loaded.
 */
export async function restoreDependencies(
  {entry, ...index}: Held,
  dir: string,
  {signal}: StepOptions = {},
): Promise<readonly string[] | undefined> {
  const half = join(dir, HALF);
  try {
    for (const folder of index.folders) {
      const onFile = (path: string, {size, mtimeMs}: Stats) => {
        const known = index.files[`${folder}/${path}`];
        if (known?.[0] !== size || known[1] !== mtimeMs) throw new Changed();
      };
      await linkTree(join(entry, 'tree', folder), join(half, folder), {signal, onFile});
    }
    for (const folder of index.folders) {
      await removeTree(join(dir, folder));
      mkdirSync(dirname(join(dir, folder)), {recursive: true});
      renameSync(join(half, folder), join(dir, folder));
    }
    return index.proved;
  } catch (error) {
    if (!(error instanceof Changed)) throw error;
    await forgetDependencies(entry);
    return undefined;
  } finally {
    await removeTree(half);
  }
}

/** Keeps the dependencies of a prepared app for the next one; from here on their files are read-only. */
export async function keepDependencies(
  entry: string,
  {dir, proved}: {readonly dir: string; readonly proved: readonly string[]},
  {signal}: StepOptions = {},
): Promise<void> {
  const half = `${entry}.${process.pid}.tmp`; // another one may be made at the same time
  const folders = modulesFolders(dir);
  if (folders.length === 0) return;
  await removeTree(half);
  try {
    const files: Record<string, [number, number]> = {};
    for (const folder of folders)
      await linkTree(join(dir, folder), join(half, 'tree', folder), {
        signal,
        seal: true,
        onFile: (path, {size, mtimeMs}) => void (files[`${folder}/${path}`] = [size, mtimeMs]),
      });
    const index: Index = {folders, files, proved};
    writeFileSync(join(half, 'index.json'), JSON.stringify(index));
    await removeTree(entry);
    await rename(half, entry).catch(whenThere);
    await removeTree(half);
    await syncDirectory(dirname(entry));
  } catch (error) {
    await removeTree(half);
    throw error;
  }
}

/** Somebody else was quicker: equal keys, equal dependencies. */
function whenThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
}

export async function forgetDependencies(entry: string): Promise<void> {
  await removeTree(entry);
}
