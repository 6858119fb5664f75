import type {Stats} from 'node:fs';
import {rename, unlink} from 'node:fs/promises';

import {statAt} from './log-file.ts';
import {reserveRotatedName} from './rotated-files.ts';

/**
 * Gives a log the name of a rotated file, unless another writer has done it already. Two who do it at once put one file
 * away each; the names stay in the order of the files.
 */
export async function putAway(
  path: string,
  {stats, now, mode}: {readonly stats: Stats; readonly now: () => number; readonly mode: number},
): Promise<void> {
  const isIt = (there: Stats | undefined) => there?.ino === stats.ino && there.dev === stats.dev;
  const name = await reserveRotatedName(path, now(), mode);
  try {
    if (!isIt(await statAt(path))) return await unlink(name);
    await rename(path, name);
  } catch (error) {
    await unlink(name);
    throw error;
  }
  // The other has put ours away in between, perhaps under a later name than this one, which is of a younger file.
  if (!isIt(await statAt(name))) await rename(name, await reserveRotatedName(path, now(), mode));
}
