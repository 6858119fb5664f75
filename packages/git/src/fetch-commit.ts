import type {StepOptions} from '@keelson/step';
import {readBranch} from './commit-tree.ts';
import {ownEnvironment} from './git-environment.ts';
import type {RemoteAddress} from './remote.ts';
import {remoteCall, type RemoteOptions} from './remote-call.ts';
import {remoteFailure} from './remote-failure.ts';
import {gitFailed, runGit} from './run-git.ts';

export interface CommitToFetch extends RemoteAddress {
  /** Branch, tag or full hash there. */
  readonly ref: string;
  /** A bare repository of our own. */
  readonly gitDir: string;
  /** Its branch that is set to what came, so that the next fetch brings what is new alone. */
  readonly branch: string;
}

/**
 * Brings one commit with its files and without its history into a bare repository, for `clone` from there or `checkoutTree`. One fetch
 * into a repository at a time. Faults: GIT_AUTH, GIT_NOT_FOUND (repository or ref), GIT_UNREACHABLE (temporary), GIT_FAILED, GIT_MISSING.
 */
export async function fetchCommit(
  {gitDir, ref, branch, ...remote}: CommitToFetch,
  options: RemoteOptions = {},
): Promise<{readonly revision: string; readonly tree: string}> {
  options.signal?.throwIfAborted();
  const {url, call} = await remoteCall(remote, options);
  const env = {...call.env, GIT_DIR: gitDir};
  try {
    await runGit(['fetch', '--quiet', '--depth=1', '--no-tags', '--', url, ref], {...call, env});
  } catch (error) {
    throw remoteFailure(`fetch ${ref} of`, remote, error);
  }
  return await setBranch({gitDir, branch}, options);
}

/** To the commit that was fetched; a tag with a message is an object of its own, which no branch can name. */
async function setBranch(
  {gitDir, branch}: Pick<CommitToFetch, 'gitDir' | 'branch'>,
  {signal}: StepOptions<never>,
): Promise<{readonly revision: string; readonly tree: string}> {
  try {
    const args = ['update-ref', `refs/heads/${branch}`, 'FETCH_HEAD^{commit}'];
    await runGit(args, {env: ownEnvironment(gitDir), signal});
  } catch (error) {
    throw gitFailed(`what was fetched into ${gitDir} is no commit`, error);
  }
  return (await readBranch(gitDir, branch, {signal}))!;
}
