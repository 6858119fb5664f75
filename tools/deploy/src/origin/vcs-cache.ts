import {createHash} from 'node:crypto';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {makeDirectory} from '@keelson/atomic-fs';
import {collectGarbage, fetchCommit, initBare, withoutCredentials} from '@keelson/git';
import type {Source} from '@keelson/source';
import {run} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';
import type {Found} from './origin.ts';

type Commit = Extract<Found, {kind: 'commit'}>;
type Environment = Readonly<Record<string, string | undefined>>;

const BRANCH = 'keelson';
/** Packs that fetches may leave before they become one. */
const PACKS = 20;

/**
 * Brings a commit, without history, into a repository that is kept below `folder`, so that the next one brings what is new alone. Resolves
 * with where to build from: that repository, or, of a commit with submodules or LFS files, the repository that it comes from. Faults: those
 * of fetchCommit.
 */
export async function cachedCommit(
  {url, ref}: Commit,
  folder: string,
  {signal, environment = {}}: StepOptions & {readonly environment?: Environment | undefined} = {},
): Promise<{readonly source: Source; readonly revision: string}> {
  const key = createHash('sha256').update(withoutCredentials(url)).digest('hex').slice(0, 16);
  const gitDir = join(folder, `${key}.git`);
  await makeDirectory(folder, {mode: 0o700});
  if (!existsSync(join(gitDir, 'HEAD'))) await initBare(gitDir, {signal});
  const {revision} = await fetchCommit({gitDir, url, ref, branch: BRANCH}, {signal});
  await collectGarbage(gitDir, {packs: PACKS, signal});
  // No GIT_* of the caller's repository counts here.
  const env = {PATH: environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'};
  const exitCode = async (args: readonly string[], accept: readonly number[]) =>
    (await run({command: 'git', args: ['--git-dir', gitDir, ...args], env}, {signal, accept})).code;
  const lfs = await exitCode(
    ['grep', '--quiet', '-e', 'filter=lfs', revision, '--', '.gitattributes'],
    [0, 1],
  );
  const modules = await exitCode(['cat-file', '-e', `${revision}:.gitmodules`], [0, 128]);
  const source: Source =
    lfs === 0 || modules === 0 ? {kind: 'git', url, ref: revision} : {kind: 'git', url: gitDir, ref: BRANCH};
  return {source, revision};
}
