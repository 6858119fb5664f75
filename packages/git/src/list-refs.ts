import type {Credentials} from './remote.ts';
import {remoteCall, type RemoteOptions} from './remote-call.ts';
import {remoteFailure} from './remote-failure.ts';
import {runGit} from './run-git.ts';

export interface RemoteRef {
  /** `HEAD`, `refs/heads/…`, `refs/tags/…` */
  readonly name: string;
  /** Of an annotated tag, the commit that it names. */
  readonly revision: string;
}

export interface ListRefsOptions extends RemoteOptions {
  readonly credentials?: Credentials | undefined;
}

/** What a remote repository offers. Faults: GIT_AUTH, GIT_NOT_FOUND, GIT_UNREACHABLE (temporary), GIT_FAILED, GIT_MISSING. */
export async function listRefs(url: string, options: ListRefsOptions = {}): Promise<RemoteRef[]> {
  options.signal?.throwIfAborted();
  const remote = {url, credentials: options.credentials};
  const {url: plain, call} = await remoteCall(remote, options);
  try {
    const {stdout} = await runGit(['ls-remote', '--quiet', '--', plain], call);
    const refs = new Map<string, string>();
    for (const line of stdout.split('\n')) {
      const [revision = '', name = ''] = line.split('\t');
      // `^{}` follows its tag, and says what that names.
      if (name !== '') refs.set(name.replace(/\^\{\}$/, ''), revision);
    }
    return [...refs].map(([name, revision]) => ({name, revision}));
  } catch (error) {
    throw remoteFailure('read the refs of', remote, error);
  }
}
