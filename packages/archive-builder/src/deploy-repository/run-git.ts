import {execFile} from 'node:child_process';
import {env as inherited} from 'node:process';
import {promisify} from 'node:util';
import {BuildFault} from '../fault.ts';

export interface GitCall {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

const MAX_BYTES = 16 * 1024 * 1024;

/** What git prints, without the newline at its end. Faults: BUILD_DEPLOY_REPO with what git says. */
export async function runGit(args: readonly string[], {cwd, env, signal}: GitCall): Promise<string> {
  // A hook's or another repository's GIT_DIR and GIT_INDEX_FILE are not meant.
  const own = Object.fromEntries(
    Object.entries(inherited).filter(
      ([name]) => !/^GIT_(DIR|INDEX_FILE|WORK_TREE|OBJECT_DIRECTORY|PREFIX)$/.test(name),
    ),
  );
  try {
    const options = {cwd, env: {...own, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...env}, maxBuffer: MAX_BYTES};
    const {stdout} = await promisify(execFile)('git', args, {...options, ...(signal && {signal})});
    return stdout.replace(/\n$/, '');
  } catch (error) {
    signal?.throwIfAborted();
    const {stderr = '', code} = error as {stderr?: string; code?: unknown};
    const because =
      code === 'ENOENT' ? 'git is not installed' : stderr.trim().split('\n').at(-1) || String(error);
    throw new BuildFault('BUILD_DEPLOY_REPO', `git ${args[0]} in ${cwd}: ${because}`, {cause: error});
  }
}
