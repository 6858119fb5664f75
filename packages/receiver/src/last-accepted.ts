import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {writeAtomic} from '@keelson/atomic-fs';
import type {AppFolder} from './app-folder.ts';

const FILE = 'last-accepted';

/** Revision of the push that was accepted last, whichever way it came; undefined before the first. */
export async function lastAccepted({path}: AppFolder): Promise<string | undefined> {
  return readFile(join(path, FILE), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}

export async function keepAccepted({path}: AppFolder, revision: string): Promise<void> {
  await writeAtomic(join(path, FILE), `${revision}\n`);
}
