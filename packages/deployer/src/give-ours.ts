import {lchown, lstat, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Account} from '@keelson/preparer';

/** Gives a path and all in it away; links themselves, not where they lead. What is not this process's own stays as it is, with all below. */
export async function giveOurs(path: string, {uid, gid}: Account): Promise<void> {
  const stats = await lstat(path);
  if (stats.uid !== process.getuid?.()) return;
  await lchown(path, uid, gid);
  if (!stats.isDirectory()) return;
  for (const name of await readdir(path)) await giveOurs(join(path, name), {uid, gid});
}

/** Gives a folder away, without what is in it; a link and what is not this process's own stay as they are. */
export async function giveFolder(path: string, {uid, gid}: Account): Promise<void> {
  const stats = await lstat(path);
  if (stats.isDirectory() && stats.uid === process.getuid?.()) await lchown(path, uid, gid);
}
