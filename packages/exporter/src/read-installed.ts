import {lstat, readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';

import type {InstalledFile} from './plan-install.ts';
import type {UnitFile} from './render-units.ts';

const MAX_BYTES = 64 * 1024 * 1024;

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}

// What a manager keeps in the directory of a service that it runs: without it nobody can stop the service.
const OF_MANAGERS = new Set(['supervise', 'event']);

// No format lays a file deeper: `<service>/log/run`.
const MAX_DEPTH = 3;

async function readAt(root: string, path: string, depth = 1): Promise<InstalledFile[]> {
  const absolute = join(root, path);
  try {
    const status = await lstat(absolute);
    if (status.isDirectory() && depth < MAX_DEPTH) {
      const inside = (await readdir(absolute)).filter((name) => !OF_MANAGERS.has(name));
      return (
        await Promise.all(inside.sort().map((name) => readAt(root, `${path}/${name}`, depth + 1)))
      ).flat();
    }
    const plain = status.isFile() && status.size <= MAX_BYTES;
    const content = plain ? await readFile(absolute, 'utf8') : undefined;
    return [{path, mode: status.mode & 0o777, content}];
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/**
 * The files in `root` that may be the app's: those of its name, those in directories of its name, and those in the way of `files` (to be
 * written, or recorded by an install). None when there is no such directory.
 */
export async function readInstalled(
  root: string,
  app: string,
  files: readonly Pick<UnitFile, 'path'>[],
): Promise<InstalledFile[]> {
  const wanted = new Set(files.map(({path}) => path.split('/')[0]!));
  const isCandidate = (name: string) =>
    wanted.has(name) || name.startsWith(`${app}-`) || name.startsWith(`${app}.`);
  try {
    const names = (await readdir(root)).filter(isCandidate).sort();
    const found = (await Promise.all(names.map((name) => readAt(root, name)))).flat();
    // A directory where a file is to be is no file of anyone, but it is in the way.
    const paths = new Set(files.map(({path}) => path));
    const inTheWay = names.filter((name) => paths.has(name) && !found.some(({path}) => path === name));
    return [...found, ...inTheWay.map((path) => ({path, mode: 0, content: undefined}))];
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
