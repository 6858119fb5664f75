import {join} from 'node:path';

export interface LimitsEvent {
  /** A file is there, but may not be read: what it says is unknown and counts as no limit. */
  readonly type: 'limits:unreadable';
  readonly path: string;
  readonly because: string;
}

/** The kernel's files as text. Whatever is not there says nothing, so there is no failure. */
export interface KernelFiles {
  /** A file's text; undefined when it is missing or may not be read. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** A folder's names; undefined when it is missing or may not be read. */
  readonly list: (path: string) => Promise<readonly string[] | undefined>;
}

/** The text of one file, or undefined. */
export type ReadKernelFile = KernelFiles['read'];

export interface KernelFilesOptions {
  /** Where /proc and /sys are looked up. */
  readonly root: string;
  /** Whose /proc/self it is. Default: this process. */
  readonly pid?: number | undefined;
  readonly onEvent?: ((event: LimitsEvent) => void) | undefined;
}

// Not there: the file, its cgroup (removed meanwhile), the process, or the feature (PSI that is compiled in but off).
const NOTHING_THERE = new Set(['ENOENT', 'ENOTDIR', 'ENODEV', 'ESRCH', 'EOPNOTSUPP', 'ENOTSUP']);

// Few say more. readFile, which cannot know their sizes, takes 64 KiB for each, twice.
const AT_ONCE = 4000;

async function wholeText(fs: typeof import('fs-extra'), path: string): Promise<string> {
  const file = await fs.open(path, 'r');
  try {
    const parts: Buffer[] = [];
    for (;;) {
      const {bytesRead, buffer} = await fs.read(file, Buffer.allocUnsafe(AT_ONCE), 0, AT_ONCE, null);
      if (bytesRead === 0) return Buffer.concat(parts).toString('utf8');
      parts.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await fs.close(file);
  }
}

export async function kernelFiles({root, pid, onEvent}: KernelFilesOptions): Promise<KernelFiles> {
  const {default: fs} = await import('fs-extra');
  const place = (path: string) =>
    join(root, pid === undefined ? path : path.replace(/^\/proc\/self(?=\/|$)/, `/proc/${pid}`));
  const orNothing = async <T>(
    path: string,
    reading: (place: string) => Promise<T>,
  ): Promise<T | undefined> => {
    try {
      return await reading(place(path));
    } catch (error) {
      const {code = 'unknown'} = error as NodeJS.ErrnoException;
      if (!NOTHING_THERE.has(code)) onEvent?.({type: 'limits:unreadable', path, because: code});
      return undefined;
    }
  };
  return {
    read: (path) => orNothing(path, (file) => wholeText(fs, file)),
    list: (path) => orNothing(path, (folder) => fs.readdir(folder)),
  };
}

// cgroup v1 says "no limit" with the largest count of pages, about 2^63 bytes.
const NO_LIMIT = 2 ** 62;

/** A count as the kernel writes it; undefined for `max`, `unlimited`, `-1`, v1's huge number, an empty file and a missing one. */
export function parseCount(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  const count = /^\d+$/.test(trimmed) ? Number(trimmed) : NO_LIMIT;
  return count < NO_LIMIT ? count : undefined;
}

/** The number of a line `name 123` or `Name:   123 kB`, as in memory.stat, cpu.stat, meminfo. */
export function countNamed(text: string | undefined, name: string): number | undefined {
  const line = text?.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}:`));
  return parseCount(
    line
      ?.slice(name.length + 1)
      .trim()
      .split(' ')[0],
  );
}
