import {lchown, lstat, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Account, Rights} from '@keelson/preparer';

/** What outlives releases belongs to whom the app's own lines run as, from the first of them on. What somebody else owns stays theirs. */
export async function givePersistent(root: string, paths: readonly string[], rights: Rights): Promise<void> {
  if (typeof rights === 'string') return;
  for (const path of paths) await giveOurs(join(root, 'persistent', path), rights);
}

async function giveOurs(path: string, {uid, gid}: Account): Promise<void> {
  const stats = await lstat(path);
  if (stats.uid !== process.getuid?.()) return;
  await lchown(path, uid, gid);
  if (!stats.isDirectory()) return;
  for (const name of await readdir(path)) await giveOurs(join(path, name), {uid, gid});
}
