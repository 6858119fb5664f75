import {statSync} from 'node:fs';
import {resolve} from 'node:path';
import type {Checkout} from '@keelson/source';
import {BuildFault} from '../fault.ts';
import {runGit} from './run-git.ts';

/** A repository that holds an app's source as a submodule, and its dependencies beside it. */
export interface DeployRepository {
  readonly dir: string;
  readonly branch: string;
  /** Commit that the branch is at. */
  readonly head: string;
  /** Path of the submodule. */
  readonly source: string;
}

const bad = (message: string, hint: string) => new BuildFault('BUILD_DEPLOY_REPO', message, {hint});

/** Said before anything takes time. Faults: BUILD_DEPLOY_REPO. */
export async function openRepository(
  path: string,
  {from, revision, dirty}: Checkout,
  signal: AbortSignal | undefined,
): Promise<DeployRepository> {
  const dir = resolve(path);
  if (statSync(dir, {throwIfNoEntry: false})?.isDirectory() !== true)
    throw bad(`there is no folder ${dir}`, 'Clone the deploy repository there first.');
  if (revision === undefined)
    throw bad(
      'the source is no commit of a git repository, so a submodule cannot point to it',
      'Name its repository as SOURCE.',
    );
  if (dirty === true)
    throw bad(
      `${'path' in from ? from.path : 'the source'} differs from its commit ${revision.slice(0, 12)}, and a submodule holds commits alone`,
      'Commit or stash the changes first.',
    );
  const git = (...args: string[]) => runGit(args, {cwd: dir, signal});
  const top = await git('rev-parse', '--show-toplevel');
  const branch = await git('rev-parse', '--abbrev-ref', 'HEAD');
  if (branch === 'HEAD') throw bad(`${dir} is on no branch`, 'Check one out: git checkout BRANCH');
  const changed = await git('status', '--porcelain', '--untracked-files=no', '--ignore-submodules=all');
  if (changed !== '')
    throw bad(
      `${top} has changes that are not committed: ${changed.split('\n')[0]!.trim()}`,
      'Commit or stash them first.',
    );
  const head = await git('rev-parse', 'HEAD');
  return {dir: top, branch, head, source: await submoduleOf(top, git)};
}

/** `src`, as Wikimedia calls it, or the only one. */
async function submoduleOf(dir: string, git: (...args: string[]) => Promise<string>): Promise<string> {
  const lines = (await git('ls-files', '--stage')).split('\n').filter((line) => line.startsWith('160000 '));
  const paths = lines.map((line) => line.slice(line.indexOf('\t') + 1));
  if (paths.includes('src')) return 'src';
  if (paths.length === 1) return paths[0]!;
  throw bad(
    `${dir} has ${paths.length === 0 ? 'no submodule' : `several submodules (${paths.join(', ')}) and none called src`}`,
    `The source goes in as one: git submodule add URL src`,
  );
}
