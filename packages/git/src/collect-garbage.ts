import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {StepOptions} from '@keelson/step';
import {ownEnvironment} from './git-environment.ts';
import {gitFailed, runGit} from './run-git.ts';

/** A push brings a pack; git itself begins to tidy up at as many (gc.autoPackLimit of git-config(1)). */
const PACKS = 50;

/**
 * Makes one pack of a repository's many, without what no branch needs any more; nothing when there are fewer than `packs`, default 50.
 * What is younger than an hour stays: another push may be about to need it. Resolves with whether it did. Faults: GIT_FAILED, GIT_MISSING.
 */
export async function collectGarbage(
  gitDir: string,
  {packs = PACKS, signal}: StepOptions & {readonly packs?: number | undefined} = {},
): Promise<boolean> {
  const there = (await readdir(join(gitDir, 'objects/pack'))).filter((name) => name.endsWith('.pack'));
  if (there.length < packs) return false;
  try {
    await runGit(['gc', '--quiet', '--prune=1.hour.ago'], {env: ownEnvironment(gitDir), signal});
  } catch (error) {
    throw gitFailed(`cannot tidy up ${gitDir}`, error);
  }
  return true;
}
