import {spawn} from 'node:child_process';

import {exitStatus, launch, type Exit, type LaunchSpec} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';

import {oneOffCommand} from './one-off-command.ts';
import {readAppOrEnv, type AppOptions} from './read-app.ts';
import {shownEnv} from './shown-env.ts';

export interface RunOnceOptions extends StepOptions {
  readonly app: AppOptions;
  /** Asked to end, it may take so long. Default 5000. */
  readonly graceMs?: number | undefined;
  /** Aborted: it is killed at once. */
  readonly impatience?: AbortSignal | undefined;
  /** A person sits at it: it stays in our process group, which the terminal's Ctrl-C and Ctrl-Z are for. Default false. */
  readonly interactive?: boolean | undefined;
  /** Gets a line for each variable that comes from the env files. */
  readonly showEnv?: ((line: string) => void) | undefined;
}

export interface RunOnceResult {
  readonly kind: 'foreman-run';
  /** Of the command; 128 + n after a signal. */
  readonly exitCode: number;
}

type Command = Pick<LaunchSpec, 'command' | 'args' | 'shell' | 'env' | 'cwd'>;

const GRACE_MS = 5000;

/**
 * Runs a command with the environment of an app, on our stdin, stdout and stderr. `signal` is passed on to it.
 * Faults: those of `readApp`, but a Procfile is not needed; those of @keelson/spawn.
 */
export async function runOnce(words: readonly string[], options: RunOnceOptions): Promise<RunOnceResult> {
  const {signal, showEnv, interactive = false} = options;
  const app = await readAppOrEnv(options.app, {signal});
  if (showEnv) for (const line of await shownEnv(app)) showEnv(line);
  const command = {...oneOffCommand(words, app), env: app.env, cwd: options.app.root};
  const exit = await (interactive ? runInForeground(command, options) : runInGroup(command, options));
  return {kind: 'foreman-run', exitCode: exitStatus(exit)};
}

// What it inherits stands behind the pipes of `launch`, which it does not use.
const OUR_STREAMS = 'exec <&3 >&4 2>&5 3<&- 4>&- 5>&-';

/** In a group of its own, of which nobody is left, even when we are killed. */
async function runInGroup(
  {command, args = [], shell, ...rest}: Command,
  options: RunOnceOptions,
): Promise<Exit> {
  const {signal, impatience, graceMs = GRACE_MS} = options;
  const spec = shell
    ? {command: `${OUR_STREAMS}\n${command}`}
    : {command: `${OUR_STREAMS}; exec "$@"`, args: [command, ...args]};
  const child = await launch({...spec, ...rest, shell: true, descriptors: [0, 1, 2]}, {graceMs});
  child.stdout.resume();
  child.stderr.resume();
  const pass = () => void child.stop({signal: signalOf(signal?.reason), graceMs});
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', pass, {once: true});
  impatience?.addEventListener('abort', kill, {once: true});
  if (signal?.aborted) pass();
  const exit = await child.exited;
  await child.stop({graceMs});
  signal?.removeEventListener('abort', pass);
  impatience?.removeEventListener('abort', kill);
  return exit;
}

/** As a shell does it: a Ctrl-C reaches us both, and is the command's to answer. */
function runInForeground(
  {command, args = [], shell, ...rest}: Command,
  {signal}: RunOnceOptions,
): Promise<Exit> {
  // The shell says what it cannot find, and ends with 127, as for a command that has no terminal.
  const line = shell ? [command] : ['exec "$@"', 'sh', command, ...args];
  const child = spawn('/bin/sh', ['-c', ...line], {...rest, stdio: 'inherit'});
  const pass = () => {
    const name = signalOf(signal?.reason);
    if (name !== 'SIGINT') child.kill(name);
  };
  signal?.addEventListener('abort', pass, {once: true});
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, name) => {
      signal?.removeEventListener('abort', pass);
      resolve({code, signal: name});
    });
  });
}

function signalOf(reason: unknown): NodeJS.Signals {
  return (reason as {readonly signal?: NodeJS.Signals} | undefined)?.signal ?? 'SIGTERM';
}
