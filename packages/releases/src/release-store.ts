import {existsSync} from 'node:fs';
import {readFile, readlink, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {removeTree, syncDirectory, writeAtomic} from '@keelson/atomic-fs';
import {ReleaseFault} from './fault.ts';
import {namesIn, numbersOf, type Layout} from './layout.ts';
import type {Release} from './release.ts';

// A release is there when both its folder and its facts are: facts are written before the folder gets its name, and the
// folder loses its name before the facts go. What lies between is cleared away at the next open.

/** Suffix of a release's folder while it is made and while it is removed. */
export const UNFINISHED = '.tmp';

export function releaseDir(layout: Layout, number: number): string {
  return join(layout.releases, String(number));
}

export function factsFile(layout: Layout, number: number): string {
  return join(layout.facts, `${number}.json`);
}

/** The release with this number, if it is there. Fault RELEASE_CORRUPT. */
export async function findRelease(layout: Layout, number: number): Promise<Release | undefined> {
  const dir = releaseDir(layout, number);
  const text = await readIfThere(factsFile(layout, number));
  if (text === undefined || !existsSync(dir)) return undefined;
  try {
    const facts = JSON.parse(text) as Omit<Release, 'kind' | 'number' | 'dir'>;
    return {...facts, kind: 'release', number, dir};
  } catch (cause) {
    throw new ReleaseFault('RELEASE_CORRUPT', `${factsFile(layout, number)} is not JSON`, {
      cause,
      hint: `Remove it together with ${dir}; the next deploy makes a new release.`,
    });
  }
}

/** Every release, by number. */
export async function listReleases(layout: Layout): Promise<Release[]> {
  const numbers = numbersOf(await namesIn(layout.facts), '.json');
  const found = await Promise.all(numbers.map((number) => findRelease(layout, number)));
  return found.filter((release) => release !== undefined);
}

export async function writeFacts(layout: Layout, release: Release): Promise<Release> {
  const {kind: _kind, number, dir: _dir, ...facts} = release;
  await writeAtomic(factsFile(layout, number), `${JSON.stringify(facts, null, 2)}\n`, {mode: 0o600});
  return release;
}

/** The number that `current` points to, whether or not the release is there. */
export async function currentNumber(layout: Layout): Promise<number | undefined> {
  try {
    return numbersOf([(await readlink(layout.current)).replace(/^releases\//, '')], '')[0];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function currentRelease(layout: Layout): Promise<Release | undefined> {
  const number = await currentNumber(layout);
  return number === undefined ? undefined : findRelease(layout, number);
}

/** The number in a file such as `.keelson/last-good`. */
export async function readNumber(path: string): Promise<number | undefined> {
  const text = await readIfThere(path);
  return text === undefined ? undefined : numbersOf([text.trim()], '')[0];
}

export async function deleteRelease(layout: Layout, number: number): Promise<void> {
  const dir = releaseDir(layout, number);
  if (existsSync(dir)) await rename(dir, `${dir}${UNFINISHED}`);
  await syncDirectory(layout.releases);
  await rm(factsFile(layout, number), {force: true});
  await rm(join(layout.facts, `${number}.assets.json`), {force: true});
  await removeTree(`${dir}${UNFINISHED}`);
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
