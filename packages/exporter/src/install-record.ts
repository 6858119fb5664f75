import {readFile, rm, rmdir} from 'node:fs/promises';
import {dirname, join} from 'node:path';

import {makeDirectory, writeAtomic} from '@keelson/atomic-fs';

import type {InstallPlan} from './plan-install.ts';

/** What an install did, beside the files that it wrote. */
export interface InstallRecord {
  readonly kind: 'install-record';
  /** `changing`: it did not come to its end. `written`: no manager was told. `installed`: all is done. */
  readonly state: 'changing' | 'written' | 'installed';
  /** Relative to the directory of the record; while it changes, those of before too. */
  readonly files: readonly string[];
  /** The uppermost directory that was made for the files. */
  readonly made?: string | undefined;
  /** Directories that were made for links in an image, and for logs, innermost first. */
  readonly directories?: readonly string[] | undefined;
}

type Place = Pick<InstallPlan, 'root' | 'app' | 'format'>;

export function recordPath({root, app, format}: Place): string {
  return join(root, `.keelson-${app}.${format}.json`);
}

/** Undefined: there is none, or none that can be read. Then the files alone say what is there. */
export async function readRecord(place: Place): Promise<InstallRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(recordPath(place), 'utf8')) as Partial<InstallRecord>;
    const {kind, state, files, made, directories = []} = record;
    if (kind !== 'install-record' || state === undefined || !Array.isArray(files)) return undefined;
    return {kind, state, files: files.filter((file) => typeof file === 'string'), made, directories};
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes the directory too; the first that had to be made stands in the record from then on. */
export async function writeRecord(place: Place, record: Omit<InstallRecord, 'kind'>): Promise<InstallRecord> {
  const made = record.made ?? (await makeDirectory(place.root));
  const whole = {kind: 'install-record', ...record, ...(made !== undefined && {made})} as const;
  await writeAtomic(recordPath(place), `${JSON.stringify(whole, null, 2)}\n`);
  return whole;
}

/** And the directories that were made for the files, if they are empty now. */
export async function removeRecord(place: Place, made: string | undefined): Promise<void> {
  await rm(recordPath(place), {force: true});
  if (made === undefined) return;
  for (let at = place.root; at.startsWith(made); at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return; // somebody else's files are in it
    }
  }
}
