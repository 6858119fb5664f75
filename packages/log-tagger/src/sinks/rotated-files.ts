import {lstat, open, readdir} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';

import {codeOf} from './sink-error.ts';

/** The name of what was a log file, until its rotation. */
export interface RotatedName {
  readonly path: string;
  /** Milliseconds since 1970: when it was put away. */
  readonly rotatedAt: number;
  readonly gzip: boolean;
}

export interface RotatedFile extends RotatedName {
  readonly bytes: number;
}

const STAMP = /^\.(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z(\.gz)?$/;

/**
 * The rotated files of a log, oldest first, without the one being written. A name is `app.log.20260101T000000.000Z`, or
 * the same with `.gz`; while one is being compressed there are both, and only the first counts.
 */
export async function listRotatedFiles(path: string): Promise<RotatedFile[]> {
  const files: RotatedFile[] = [];
  for (const name of await listRotatedNames(path)) {
    const bytes = await sizeOf(name.path);
    if (bytes !== undefined) files.push({...name, bytes});
  }
  return files;
}

/** The same, without a look at each. */
export async function listRotatedNames(path: string): Promise<RotatedName[]> {
  const found = new Map<number, RotatedName>();
  for (const name of await namesBeside(path)) {
    const match = name.startsWith(basename(path)) && STAMP.exec(name.slice(basename(path).length));
    if (!match) continue;
    const [year, month, day, hour, minute, second, ms] = match.slice(1, 8).map(Number) as number[];
    const rotatedAt = Date.UTC(year!, month! - 1, day, hour, minute, second, ms);
    const gzip = match[8] !== undefined;
    if (!gzip || !found.has(rotatedAt))
      found.set(rotatedAt, {path: join(dirname(path), name), rotatedAt, gzip});
  }
  return [...found.values()].sort((a, b) => a.rotatedAt - b.rotatedAt);
}

/** Files that a compression in process `pid` has left, or is writing: `app.log.20260101T000000.000Z.gz.123-1.part`. */
export async function listParts(path: string): Promise<{path: string; pid: number}[]> {
  const pattern = /\.\d{8}T\d{6}\.\d{3}Z\.gz\.(\d+)-\d+\.part$/;
  return (await namesBeside(path))
    .filter((name) => name.startsWith(`${basename(path)}.`) && pattern.test(name))
    .map((name) => ({path: join(dirname(path), name), pid: Number(pattern.exec(name)![1])}));
}

/**
 * Takes a name for a log that is about to be put away, by creating it empty: two writers never get the same. Later in order
 * than those that there are, also when the clock has gone back.
 */
export async function reserveRotatedName(path: string, now: number, mode: number): Promise<string> {
  const newest = (await listRotatedNames(path)).at(-1)?.rotatedAt ?? 0;
  for (let time = Math.max(now, newest + 1); ; time++) {
    const name = `${path}.${new Date(time).toISOString().replaceAll(/[-:]/g, '')}`;
    try {
      await (await open(name, 'wx', mode)).close();
      return name;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

async function namesBeside(path: string): Promise<string[]> {
  try {
    return (await readdir(dirname(path))).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const there = await lstat(path);
    return there.isFile() ? there.size : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined; // removed by another writer's retention
    throw error;
  }
}
