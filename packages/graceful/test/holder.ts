import {type ChildProcess, spawn} from 'node:child_process';
import {EventEmitter, once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import net from 'node:net';
import {join} from 'node:path';
import {gateEnvironment, isGateMessage} from '@keelson/graceful';
import type {FromWorker, ToWorker} from '@keelson/graceful';
import {packageRoot} from '@keelson/test-kit';

export const fixtures = join(packageRoot(import.meta.url), 'test/fixtures');

interface BoundHandle {
  readonly fd: number;
  getsockname(out: {port?: number}): number;
  close(): void;
}

/** The least a supervisor does: a bound socket that it never accepts on, and processes that inherit it. */
export interface Holder extends AsyncDisposable {
  readonly port: number;
  start(program: string | readonly string[], env?: Record<string, string>): Worker;
}

export interface Worker {
  readonly process: ChildProcess;
  readonly output: () => string;
  send(message: ToWorker): void;
  /** The next message of a kind, also one that came already. */
  message<K extends FromWorker['keelson']>(kind: K): Promise<Extract<FromWorker, {keelson: K}>>;
  readonly exited: Promise<{code: number | null; signal: string | null}>;
}

export async function hold(): Promise<Holder> {
  const directory = await mkdtemp('/tmp/kg-');
  const create = Reflect.get(net, '_createServerHandle') as (...values: unknown[]) => BoundHandle;
  const handle = create('127.0.0.1', 0, 4);
  const name: {port?: number} = {};
  handle.getsockname(name);
  const port = name.port!;
  const workers: Worker[] = [];

  const start: Holder['start'] = (program, extra = {}) => {
    const env = {PATH: process.env['PATH']!, PORT: String(port), ...extra};
    const socket = join(directory, `${workers.length}.sock`);
    const words = typeof program === 'string' ? [process.execPath, join(fixtures, program)] : program;
    const child = spawn(words[0]!, words.slice(1), {
      detached: true,
      env: gateEnvironment(env, {port, host: '127.0.0.1', fd: 3, socket, graceMs: 5000}),
      stdio: ['ignore', 'pipe', 'pipe', handle.fd, 'ipc'],
    });
    let output = '';
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (data) => (output += String(data)));
    const came = new Map<string, FromWorker>();
    const events = new EventEmitter();
    child.on('message', (message) => {
      if (!isGateMessage(message)) return;
      came.set(message.keelson, message as FromWorker);
      events.emit(message.keelson);
    });
    // Not the child's 'close', which never comes after `disconnect`.
    const ends = [child.stdout!, child.stderr!].map((stream) => once(stream, 'close'));
    const exited = Promise.all([once(child, 'exit'), ...ends]).then(([[code, signal]]) => ({code, signal}));
    const worker: Worker = {
      process: child,
      output: () => output,
      send: (message) => void child.send(message),
      async message(kind) {
        const gone = exited.then(({code}) =>
          Promise.reject(new Error(`exited ${code} before ${kind}: ${output}`)),
        );
        if (!came.has(kind)) await Promise.race([once(events, kind), gone]);
        else gone.catch(() => {});
        return came.get(kind) as never;
      },
      exited,
    };
    workers.push(worker);
    return worker;
  };

  return {
    port,
    start,
    async [Symbol.asyncDispose]() {
      for (const worker of workers) {
        if (worker.process.exitCode === null && worker.process.signalCode === null) {
          process.kill(-worker.process.pid!, 'SIGKILL');
        }
        await worker.exited;
      }
      handle.close();
      await rm(directory, {recursive: true, force: true});
    },
  };
}
