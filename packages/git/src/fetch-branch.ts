import {readBranch} from './commit-tree.ts';
import {GitFault} from './fault.ts';
import type {RemoteBranch} from './remote.ts';
import {remoteCall, type RemoteOptions} from './remote-call.ts';
import {remoteFailure} from './remote-failure.ts';
import {runGit} from './run-git.ts';

export interface BranchToFetch extends RemoteBranch {
  /** A bare repository of our own; its branch of the same name is set to what came. */
  readonly gitDir: string;
}

/**
 * Brings the newest commit of a remote branch, without its history and, where the remote can do that, without file contents.
 * Undefined when the remote has no such branch. Faults: GIT_AUTH, GIT_NOT_FOUND, GIT_UNREACHABLE (temporary), GIT_FAILED, GIT_MISSING.
 */
export async function fetchBranch(
  {gitDir, ...remote}: BranchToFetch,
  options: RemoteOptions = {},
): Promise<{readonly revision: string; readonly tree: string} | undefined> {
  options.signal?.throwIfAborted();
  const {url, call} = await remoteCall(remote, options);
  const ref = `refs/heads/${remote.branch}`;
  const flags = ['--quiet', '--depth=1', '--filter=blob:none', '--no-tags', '--no-write-fetch-head'];
  try {
    await runGit(['fetch', ...flags, '--', url, `+${ref}:${ref}`], {
      ...call,
      env: {...call.env, GIT_DIR: gitDir},
    });
  } catch (error) {
    const fault = remoteFailure(`read ${remote.branch} of`, remote, error);
    if (fault instanceof GitFault && fault.message.includes("couldn't find remote ref")) return undefined;
    throw fault;
  }
  return readBranch(gitDir, remote.branch, options);
}
