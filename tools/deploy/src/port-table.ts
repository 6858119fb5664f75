import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {writeAtomic} from '@keelson/atomic-fs';

/** Ports between the bases of two apps: room for ten process types of ten instances. */
const SPAN = 1000;

/** The base port of each app, given once and kept across restarts, so that a proxy in front never has to follow. */
export interface PortTable {
  baseOf(app: string): Promise<number>;
}

/** Reads `<root>/.keelson/ports.json`; a new app gets the first free base from `first` upward. */
export async function openPortTable(root: string, first: number): Promise<PortTable> {
  const path = join(root, '.keelson', 'ports.json');
  const bases = await readBases(path);
  return {
    async baseOf(app) {
      const known = bases[app];
      if (known !== undefined) return known;
      const taken = new Set(Object.values(bases));
      let base = first;
      while (taken.has(base)) base += SPAN;
      bases[app] = base;
      await writeAtomic(path, `${JSON.stringify(bases, null, 2)}\n`, {mode: 0o600});
      return base;
    },
  };
}

async function readBases(path: string): Promise<Record<string, number>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, number>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
