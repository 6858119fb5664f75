import {lchown, lstat, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Account} from './account.ts';

/** Gives a folder and all in it away; links themselves, not where they lead. What belongs to somebody else than `from` stays theirs, with all below. */
export async function giveTree(path: string, {uid, gid}: Account, from = process.getuid?.()): Promise<void> {
  const stats = await lstat(path);
  if (stats.uid !== from) return;
  await lchown(path, uid, gid);
  if (!stats.isDirectory()) return;
  for (const name of await readdir(path)) await giveTree(join(path, name), {uid, gid}, from);
}
