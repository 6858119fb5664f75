import {readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {gitCommitter} from './committers/git.ts';
import {isomorphicCommitter} from './committers/isomorphic.ts';
import type {Committer} from './committers/committer.ts';
import {packCommitter} from './committers/pack.ts';

/** `pack`: our own pack and the git program. `git`: the git program alone. `isomorphic`: without it. */
export type CommitWay = 'pack' | 'git' | 'isomorphic';

export const committers = {
  pack: packCommitter,
  git: gitCommitter,
  isomorphic: isomorphicCommitter,
} satisfies Record<CommitWay, Committer>;

/** The way that fits a repository: ours where its objects lie in it and have SHA-1 hashes, else git's. */
export async function wayFor(gitDir: string): Promise<CommitWay> {
  const objects = await stat(join(gitDir, 'objects')).catch(() => undefined);
  const config = await readFile(join(gitDir, 'config'), 'utf8').catch(() => '');
  return objects?.isDirectory() === true && !/objectformat\s*=\s*sha256/i.test(config) ? 'pack' : 'git';
}
