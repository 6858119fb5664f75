import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type Control, controlAt} from '@keelson/supervisor';
import {bin, freePort, type LaunchedBin, launchBin, type TestDirectory, testdir} from '@keelson/test-kit';
import {fixtures} from './load.ts';

export const run = bin('supervisor', 'keelson-run');
export const app = join(fixtures, 'faults-app.mjs');

export interface Faulty extends AsyncDisposable {
  readonly port: number;
  readonly directory: TestDirectory;
  readonly program: LaunchedBin;
  readonly control: Control;
  /** Its text for a path of the app. */
  get(path?: string): Promise<string>;
  workers(): Promise<
    readonly {readonly pid: number | undefined; readonly state: string; readonly restarts: number}[]
  >;
}

interface Settings {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly command?: readonly string[];
}

/** `keelson-run` of the app, in a directory of its own, with a control socket. */
export async function faulty({
  flags = [],
  env = {},
  cwd,
  command = ['node', app],
}: Settings = {}): Promise<Faulty> {
  const port = await freePort();
  const directory = await testdir();
  const socket = directory.at('control.sock');
  const argv = ['--port', String(port), '--control', socket, ...flags, '--', ...command];
  const program = launchBin(run, argv, {
    cwd: cwd ?? directory.path,
    env: {CRASH_IF: directory.at('crash'), TMPDIR: directory.path, ...env},
  });
  const control = controlAt(socket);
  return {
    port,
    directory,
    program,
    control,
    get: async (path = '') =>
      (await fetch(`http://127.0.0.1:${port}/${path}`, {headers: {connection: 'close'}})).text(),
    workers: async () =>
      (await control.status()).generations.findLast(({state}) => state === 'open')!.instances[0]!.workers,
    async [Symbol.asyncDispose]() {
      program.kill('SIGTERM');
      await program.exited;
      await program[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** The same, once it takes traffic. */
export async function serving(settings?: Settings): Promise<Faulty> {
  const started = await faulty(settings);
  await started.program.line('takes traffic');
  return started;
}

/** Resident memory in MiB. */
export const mebibytesOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

/** Leaves a running process so many descriptors more than it has. */
export function limitDescriptors(pid: number, more: number): void {
  const open = readdirSync(`/proc/${pid}/fd`).length;
  const {status, stderr} = spawnSync('prlimit', ['--pid', String(pid), `--nofile=${open + more}:`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

/** A program of which the test holds the ends; disposing kills it and what runs in its namespace. */
export function started(
  program: string,
  argv: readonly string[],
  options: {readonly cwd?: string; readonly env?: NodeJS.ProcessEnv} = {},
) {
  const child = spawn(program, argv, {...options, stdio: 'pipe'});
  const exited = once(child, 'exit');
  let told = '';
  child.stderr.on('data', (data) => (told += String(data)));
  return {
    child,
    exited,
    told: () => told,
    /** Its stdout is part of what it told. */
    readAll: () => void child.stdout.on('data', (data) => (told += String(data))),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

export async function childrenOf(pid: number): Promise<number[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number);
}

/** Of unshare(1): a pid namespace that ends with it. */
export const PID_NAMESPACE = [
  ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
  '--fork',
  '--kill-child',
  '--pid',
  '--mount-proc',
];
