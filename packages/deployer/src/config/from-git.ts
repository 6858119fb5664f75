import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {env as inherited} from 'node:process';
import {run, type SpawnFault} from '@keelson/spawn';
import {isFault} from '@keelson/step';
import {DeployFault} from '../fault.ts';
import type {Fetched, ReadConfigOptions} from './read-config.ts';

const TIMEOUT_MS = 120_000;
const MAX_BYTES = 1024 * 1024;
// What git needs of ours: programs, the user's ssh, his certificates and proxies.
const KEPT =
  /^(PATH|HOME|USER|LOGNAME|LANG|TMPDIR|SSH_\w+|GIT_SSH\w*|GIT_SSL_\w+|SSL_CERT_\w+|(https?|no|all)_proxy)$/i;

/** `git+https://host/config.git#main:shop/production.env`: one file of one commit; the ref is a branch, a tag or HEAD. */
export async function fromGit(input: string, options: ReadConfigOptions): Promise<Fetched> {
  const {signal} = options;
  const [, full, ref, path] = /^git\+([^#]+)#([^:#]+):([^:]+)$/.exec(input) ?? [];
  if (full === undefined || ref === undefined || path === undefined)
    throw new DeployFault('DEPLOY_CONFIG', `${plain(input)} is not git+URL#REF:PATH`, {
      hint: 'Such as git+https://example.com/config.git#main:shop/production.env',
    });
  if (ref.startsWith('-')) throw new DeployFault('DEPLOY_CONFIG', `${JSON.stringify(ref)} is no ref`);
  const {url, env} = reach(full, options.token);
  const reader = `git+${url}#${ref}:${path}`;
  const dir = await mkdtemp(join(tmpdir(), 'keelson-config-'));
  const git = async (...args: string[]) => {
    const spec = {command: 'git', args: ['-C', dir, ...args], env};
    return (await run(spec, {signal, timeoutMs: TIMEOUT_MS, maxOutputBytes: MAX_BYTES})).stdout;
  };
  try {
    await git('init', '--quiet', '--bare', '--template=');
    await git('fetch', '--quiet', '--depth=1', '--', url, ref);
    const revision = (await git('rev-parse', 'FETCH_HEAD')).trim();
    return {text: await git('cat-file', 'blob', `FETCH_HEAD:${path}`), reader, revision};
  } catch (cause) {
    signal?.throwIfAborted();
    if (!isFault(cause)) throw cause;
    const {code, output, message} = cause as SpawnFault;
    // What went wrong; advice follows it.
    const lines = output?.stderr.trim().split('\n') ?? [];
    const said = lines.find((line) => /^(fatal|error): /.test(line)) ?? lines.at(-1) ?? message;
    const temporary =
      code === 'SPAWN_TIMEOUT' ||
      /Could not resolve host|unable to access|Connection (refused|timed out)/.test(output?.stderr ?? '');
    throw new DeployFault('DEPLOY_CONFIG', `${reader} could not be read: ${plain(said)}`, {cause, temporary});
  } finally {
    await rm(dir, {recursive: true, force: true});
  }
}

/** The bare URL for argv, and credentials where `ps` does not show them. */
function reach(
  full: string,
  token: string | undefined,
): {readonly url: string; readonly env: Record<string, string>} {
  const kept = Object.entries(inherited).filter(([name, value]) => KEPT.test(name) && value !== undefined);
  const env: Record<string, string> = {
    ...(Object.fromEntries(kept) as Record<string, string>),
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  if (!/^https?:/i.test(full)) return {url: full, env};
  const parsed = new URL(full);
  const user = decodeURIComponent(parsed.username);
  const password = decodeURIComponent(parsed.password);
  parsed.username = '';
  parsed.password = '';
  const url = parsed.href;
  const secret = password === '' ? (user === '' ? token : user) : password;
  if (secret === undefined) return {url, env};
  const basic = Buffer.from(`${password === '' ? 'keelson' : user}:${secret}`).toString('base64');
  return {
    url,
    env: {
      ...env,
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: `http.${url}.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
      // git would send the header to wherever the server redirects.
      GIT_CONFIG_KEY_1: `http.${url}.followRedirects`,
      GIT_CONFIG_VALUE_1: 'false',
    },
  };
}

function plain(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^/@\s]+@/gi, '$1');
}
