import {lstat, readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';

import type {InstalledFile} from './plan-install.ts';
import type {UnitFile} from './render-units.ts';

const MAX_BYTES = 64 * 1024 * 1024;

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}

async function readOne(root: string, path: string): Promise<InstalledFile[]> {
  const absolute = join(root, path);
  try {
    const status = await lstat(absolute);
    const plain = status.isFile() && status.size <= MAX_BYTES;
    const content = plain ? await readFile(absolute, 'utf8') : undefined;
    return [{path, mode: status.mode & 0o777, content}];
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The files in `root` that may be the app's: those of its name, and those in the way of `files`. None when there is no such directory. */
export async function readInstalled(
  root: string,
  app: string,
  files: readonly UnitFile[],
): Promise<InstalledFile[]> {
  const wanted = new Set(files.map(({path}) => path));
  const isCandidate = (name: string) =>
    wanted.has(name) || name.startsWith(`${app}-`) || name.startsWith(`${app}.`);
  try {
    const names = (await readdir(root)).filter(isCandidate).sort();
    return (await Promise.all(names.map((name) => readOne(root, name)))).flat();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
