import {existsSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {makeDirectory, removeTree} from '@keelson/atomic-fs';
import {SpawnFault} from '@keelson/spawn';
import {GitFault} from './fault.ts';
import type {Credentials} from './remote.ts';
import {remoteCall, type RemoteOptions} from './remote-call.ts';
import {remoteFailure} from './remote-failure.ts';
import {runGit} from './run-git.ts';

export interface CloneOptions extends RemoteOptions {
  /** Branch, tag or commit hash; a short hash takes the whole history. Default the remote's HEAD. */
  readonly ref?: string | undefined;
  /** Commits of history. Default 1; 0 means all. */
  readonly depth?: number | undefined;
  readonly credentials?: Credentials | undefined;
}

export interface Clone {
  readonly kind: 'clone';
  readonly revision: string;
}

/**
 * Clones into a folder that does not exist or is empty, submodules too, with a detached HEAD; nothing is left there on failure.
 * Faults: GIT_AUTH, GIT_NOT_FOUND (repository or ref), GIT_UNREACHABLE (temporary), GIT_FAILED, GIT_MISSING.
 */
export async function clone(url: string, dir: string, options: CloneOptions = {}): Promise<Clone> {
  options.signal?.throwIfAborted();
  const root = resolve(dir);
  const remote = {url, credentials: options.credentials};
  const {url: plain, call} = await remoteCall(remote, options);
  const git = async (...args: string[]) =>
    (await runGit([...AS_COMMITTED, ...args], {...call, cwd: root})).stdout.trim();
  const depth = options.depth ?? 1;
  const shallow = depth === 0 ? [] : [`--depth=${depth}`];
  await makeDirectory(root);
  if ((await readdir(root)).length > 0) throw new GitFault('GIT_FAILED', `${root} is not empty`);
  const fetchInto = async (objectFormat: 'sha1' | 'sha256') => {
    await git('init', '--quiet', '--template=', `--object-format=${objectFormat}`);
    await git('remote', 'add', 'origin', plain);
    return await fetchCommit(git, {ref: options.ref ?? 'HEAD', shallow});
  };
  try {
    const commit = await fetchInto('sha1').catch(async (error: unknown) => {
      if (!OTHER_HASH.test(stderrOf(error))) throw error;
      await removeTree(join(root, '.git'));
      return await fetchInto('sha256');
    });
    await git('checkout', '--quiet', '--detach', commit);
    if (existsSync(join(root, '.gitmodules')))
      await git('submodule', '--quiet', 'update', '--init', '--recursive', ...shallow);
    return {kind: 'clone', revision: await git('rev-parse', 'HEAD')};
  } catch (error) {
    for (const name of await readdir(root)) await removeTree(join(root, name));
    throw remoteFailure(`clone ${options.ref ?? 'HEAD'} of`, remote, error);
  }
}

// Of the user's configuration for another kind of machine.
const AS_COMMITTED = ['-c', 'core.eol=lf', '-c', 'core.symlinks=true'];

const OTHER_HASH = /mismatched algorithms: client sha1; server sha256/;

// What a server says that gives out only what a branch or tag names (uploadpack.allowReachableSHA1InWant), or does not know a short hash.
const NOT_OFFERED = /couldn't find remote ref|not our ref|Server does not allow request|unadvertised object/;

async function fetchCommit(
  git: (...args: string[]) => Promise<string>,
  {ref, shallow}: {readonly ref: string; readonly shallow: readonly string[]},
): Promise<string> {
  try {
    await git('fetch', '--quiet', ...shallow, '--', 'origin', ref);
    return 'FETCH_HEAD';
  } catch (error) {
    if (!/^[0-9a-f]{4,64}$/.test(ref) || !NOT_OFFERED.test(stderrOf(error))) throw error;
    await git('fetch', '--quiet', '--tags', '--', 'origin', '+refs/heads/*:refs/remotes/origin/*');
    const known = await git('rev-parse', '--quiet', '--verify', `${ref}^{commit}`).catch(() => undefined);
    if (known === undefined) throw error;
    return known;
  }
}

function stderrOf(error: unknown): string {
  return error instanceof SpawnFault ? (error.output?.stderr ?? '') : '';
}
