import {spawn} from 'node:child_process';

import type {BinResult} from '../run-bin.ts';

export interface InsideOptions {
  /** Default `/`. */
  readonly cwd?: string | undefined;
  /** Added to PATH, HOME and LANG; nothing of this process's environment is there. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | Uint8Array | undefined;
  /** Default root. */
  readonly user?: string | undefined;
  /** It is killed then. Default 60 s. */
  readonly timeoutMs?: number | undefined;
}

const ENV = {
  container: 'box',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  HOME: '/root',
};

/** Runs a program in the namespaces of a process. Any exit code is a result. */
export async function runInside(
  pid: number,
  argv: readonly string[],
  {cwd = '/', env = {}, input = '', user, timeoutMs = 60_000}: InsideOptions = {},
): Promise<BinResult> {
  const enter = ['--target', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--'];
  const clean = ['env', '-i', '-C', cwd, ...Object.entries({...ENV, ...env}).map((pair) => pair.join('='))];
  const account = user === undefined ? [] : ['runuser', '-u', user, '--'];
  const child = spawn('nsenter', [...enter, ...account, ...clean, ...argv], {stdio: 'pipe', detached: true});
  child.stdin.on('error', () => {}); // EPIPE: the program does not read its input
  child.stdin.end(input);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const deadline = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), timeoutMs);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({code, signal, stdout, stderr}));
    });
  } finally {
    clearTimeout(deadline);
  }
}
