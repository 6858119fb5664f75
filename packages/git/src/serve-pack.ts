import {launch, type Child} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';
import {ownEnvironment, type Environment} from './git-environment.ts';
import {missingGit} from './run-git.ts';

export interface PackService {
  readonly gitDir: string;
  /** What a client does here: `receive-pack` takes a push, `upload-pack` gives a fetch. */
  readonly service: 'receive-pack' | 'upload-pack';
  /** True for the answer to `info/refs`, false for the exchange itself on stdin and stdout. */
  readonly advertise: boolean;
  /** False for a connection that stays, as over ssh: git tells its refs first, itself. Default true. */
  readonly stateless?: boolean | undefined;
  /** `git -c`, e.g. `receive.maxInputSize`. */
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** Hooks get a stream to us on descriptor 3: the `connection` of the child. */
  readonly connection?: boolean | undefined;
  /** Added to the environment, hooks see it too. */
  readonly env?: Environment | undefined;
}

/** The server side of git's protocol: of one smart HTTP request (gitprotocol-http(5)) the body on stdin and of its response on stdout, or all of a connection that stays. */
export async function servePack(service: PackService, options: StepOptions = {}): Promise<Child> {
  const {GIT_DIR: _, ...env} = ownEnvironment(service.gitDir);
  const config = {'safe.directory': service.gitDir, ...service.config};
  try {
    return await launch(
      {
        command: 'git',
        args: [
          ...Object.entries(config).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
          service.service,
          ...(service.stateless === false ? [] : ['--stateless-rpc']),
          ...(service.advertise ? ['--advertise-refs'] : []),
          service.gitDir,
        ],
        env: {...env, ...service.env},
        connection: service.connection,
        stdin: service.advertise ? 'ignore' : 'pipe',
      },
      options,
    );
  } catch (error) {
    throw missingGit(error) ?? error;
  }
}
