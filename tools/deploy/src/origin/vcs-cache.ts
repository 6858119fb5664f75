import {createHash} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {collectGarbage, initBare, withoutCredentials} from '@keelson/git';
import type {Source} from '@keelson/source';
import {redactCredentials, run, type SpawnFault} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';
import {DeployServerFault} from '../fault.ts';
import type {Found} from './origin.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Commit = Extract<Found, {kind: 'commit'}>;

const HERE = 'refs/heads/keelson';
/** Packs that fetches may leave before they become one. */
const PACKS = 20;

/**
 * Brings a commit, without history, into a repository that is kept below `folder`, so that the next one brings what is new alone. Resolves
 * with where to build from: that repository, or, of a commit with submodules or LFS files, the repository that it comes from.
 */
export async function cachedCommit(
  found: Commit,
  folder: string,
  {signal, environment}: StepOptions & {readonly environment?: Environment | undefined} = {},
): Promise<{readonly source: Source; readonly revision: string}> {
  const {url, ref} = found;
  const key = createHash('sha256').update(withoutCredentials(url)).digest('hex').slice(0, 16);
  const gitDir = join(folder, `${key}.git`);
  await mkdir(folder, {recursive: true, mode: 0o700});
  if (!existsSync(join(gitDir, 'HEAD'))) await initBare(gitDir, {signal});
  const git = async (args: readonly string[], accept: readonly number[] = [0]) =>
    run(
      {command: 'git', args: ['--git-dir', gitDir, ...args], env: gitEnvironment(url, environment)},
      {signal, accept},
    );
  try {
    const remote = withoutCredentials(url);
    await git(['fetch', '--quiet', '--depth=1', '--no-tags', '--force', '--', remote, `+${ref}:${HERE}`]);
  } catch (error) {
    signal?.throwIfAborted();
    const said = (error as SpawnFault).output?.stderr.trim().split('\n').at(-1) ?? (error as Error).message;
    throw new DeployServerFault(
      'SERVE_NOTHING_FOUND',
      `${found.name} of ${withoutCredentials(url)} cannot be fetched: ${redactCredentials(said)}`,
      {cause: error, hint: 'Name a branch or a tag: a server need not give out every commit.'},
    );
  }
  await collectGarbage(gitDir, {packs: PACKS, signal});
  const revision = (await git(['rev-parse', `${HERE}^{commit}`])).stdout.trim();
  const special = await git(['grep', '--quiet', '-e', 'filter=lfs', HERE, '--', '.gitattributes'], [0, 1]);
  const modules = await git(['cat-file', '-e', `${HERE}:.gitmodules`], [0, 128]);
  const elsewhere = special.code === 0 || modules.code === 0;
  const source: Source = elsewhere
    ? {kind: 'git', url, ref: revision}
    : {kind: 'git', url: gitDir, ref: 'keelson'};
  return {source, revision};
}

/** The URL's credentials where `ps` does not show them; nothing asks a question, and no variable of the caller's repository counts. */
function gitEnvironment(url: string, from: Environment = {}): Record<string, string> {
  const kept = Object.entries(from).filter(
    ([name, value]) => value !== undefined && (!name.startsWith('GIT_') || /^GIT_SS[HL]_/.test(name)),
  ) as [string, string][];
  const env = {...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: '0'};
  const plain = withoutCredentials(url);
  if (plain === url || !/^https?:/i.test(url)) return env;
  const {username, password} = new URL(url);
  // A lone name is a token, as GitHub and GitLab take it.
  const pair = password === '' ? ['keelson', username] : [username, password];
  const basic = Buffer.from(pair.map(decodeURIComponent).join(':')).toString('base64');
  return {
    ...env,
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: `http.${plain}.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    // git would send the header to wherever the server redirects.
    GIT_CONFIG_KEY_1: `http.${plain}.followRedirects`,
    GIT_CONFIG_VALUE_1: 'false',
  };
}
