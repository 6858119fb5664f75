import {join} from 'node:path';
import type {Rights} from '@keelson/preparer';
import {giveOurs} from './give-ours.ts';

/** What outlives releases belongs to whom the app's own lines run as, from the first of them on. What somebody else owns stays theirs. */
export async function givePersistent(root: string, paths: readonly string[], rights: Rights): Promise<void> {
  if (typeof rights === 'string') return;
  for (const path of paths) await giveOurs(join(root, 'persistent', path), rights);
}
