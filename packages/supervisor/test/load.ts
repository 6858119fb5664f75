import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {packageRoot} from '@keelson/test-kit';

export const fixtures = join(packageRoot(import.meta.url), 'test/fixtures');

export interface LoadResult {
  readonly ok: number;
  /** Requests that were sent and got no complete 200. */
  readonly lost: number;
  readonly versions: Readonly<Record<string, number>>;
  /** Connections whose last response said so. */
  readonly lastOnes: number;
  readonly longestSilenceMs: number;
  readonly refused: number;
  readonly timeout: number;
}

export type Mode = 'get' | 'post' | 'new';

/** Clients that never retry, in a process of their own. */
export interface Load extends AsyncDisposable {
  finish(): Promise<LoadResult>;
}

/** Resolves when the first request was answered. */
export async function startLoad(
  port: number,
  connections: number,
  mode: Mode,
  thinkMs: number,
): Promise<Load> {
  const program = join(fixtures, 'strict-client.mjs');
  const child: ChildProcess = spawn(
    process.execPath,
    [program, port, connections, mode, thinkMs].map(String),
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout!.on('data', (data) => (output += String(data)));
  const closed = once(child, 'close');
  while (!output.includes('running')) await Promise.race([once(child.stdout!, 'data'), closed.then(fail)]);
  return {
    async finish() {
      child.stdin!.end();
      await closed;
      return JSON.parse(output.trim().split('\n').at(-1)!) as LoadResult;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

function fail(): never {
  throw new Error('the client ended before its first answer');
}
