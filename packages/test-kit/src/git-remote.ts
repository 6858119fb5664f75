import {execFile} from 'node:child_process';
import {pathToFileURL} from 'node:url';
import {promisify} from 'node:util';
import {testdir} from './testdir.ts';

export interface GitRemote extends AsyncDisposable {
  /** `file://…/remote.git`: pushed to and cloned from by the real protocol over a pipe. */
  readonly url: string;
  /** The bare repository. */
  readonly gitDir: string;
  /** Runs git in it; its stdout without the last newline. */
  git(...args: string[]): Promise<string>;
}

/** An empty bare repository whose HEAD is `main`. */
export async function gitRemote(): Promise<GitRemote> {
  const directory = await testdir();
  const gitDir = directory.at('remote.git');
  await git(directory.path, 'init', '--quiet', '--bare', '--initial-branch=main', gitDir);
  return {
    url: pathToFileURL(gitDir).href,
    gitDir,
    git: (...args) => git(gitDir, ...args),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** Runs git with a fixed identity and date and none of this machine's configuration; its stdout without the last newline. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const env = {
    ...Object.fromEntries(inherited),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.com',
    GIT_AUTHOR_DATE: '2024-01-01T00:00:00Z',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.com',
    GIT_COMMITTER_DATE: '2024-01-01T00:00:00Z',
  };
  const {stdout} = await promisify(execFile)('git', args, {cwd, env, maxBuffer: 64 * 1024 * 1024});
  return stdout.replace(/\n$/, '');
}
