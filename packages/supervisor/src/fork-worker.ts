import cluster from 'node:cluster';
import {once} from 'node:events';
import {env as ours} from 'node:process';
import type {Readable} from 'node:stream';
import type {Child, Exit} from '@keelson/spawn';
import type {ForkLine} from './fork-line.ts';

const GRACE_MS = 10_000;

export interface ForkSpec extends ForkLine {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** A worker of node:cluster, whose primary we are; not a process group of its own, and without a guard that outlives us. */
export async function forkWorker({exec, args, execArgv, cwd, env}: ForkSpec): Promise<Child> {
  cluster.setupPrimary({
    exec,
    args: [...args],
    execArgv: [...execArgv],
    cwd,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const inherited = Object.fromEntries(Object.keys(ours).map((name) => [name, undefined]));
  const worker = cluster.fork({...inherited, ...env});
  const child = worker.process;
  if (child.pid === undefined)
    throw await once(worker, 'error').then(
      ([error]) => error as Error,
      (error) => error,
    );
  const {pid} = child;
  worker.on('error', () => {}); // EPIPE of a message to one that has just ended
  let ended = false;
  const exited = new Promise<Exit>((resolve) =>
    child.once('exit', (code, signal) => {
      ended = true;
      resolve({code, signal});
    }),
  );
  const kill = (signal: NodeJS.Signals): void => {
    if (!ended) child.kill(signal);
  };
  const stop: Child['stop'] = async ({signal = 'SIGTERM', graceMs = GRACE_MS} = {}) => {
    kill(signal);
    const late = setTimeout(() => kill('SIGKILL'), graceMs);
    const exit = await exited;
    clearTimeout(late);
    return exit;
  };
  const running = {
    pid,
    stdin: null,
    stdout: child.stdout as Readable,
    stderr: child.stderr as Readable,
    connection: null,
    exited,
    send: (message: object) => child.connected && child.send(message),
    onMessage: (listener: (message: unknown) => void) => void child.on('message', listener),
    kill,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
  return running;
}
