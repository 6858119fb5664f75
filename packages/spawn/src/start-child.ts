import {spawn, type ChildProcess, type StdioOptions} from 'node:child_process';
import {once, setMaxListeners} from 'node:events';
import {env as ours} from 'node:process';
import type {Duplex, Readable} from 'node:stream';
import {endWhenQuiet} from './end-when-quiet.ts';
import {openIpcChannel} from './ipc-channel.ts';
import type {Exit, LaunchSpec} from './launch-spec.ts';
import type {Child, LaunchOptions} from './launch.ts';
import {ProcessGroup} from './process-group.ts';
import {whyNotStarted} from './why-not-started.ts';

const GRACE_MS = 10_000;
const LINGER_MS = 2000;

export interface StartedChild extends Child {
  /** Resolves when the process has ended, nobody of its group runs, and its output is read. */
  readonly finished: Promise<Exit>;
}

/** What `run` and `launch` have in common: one child, its group, and how both end. */
export async function startChild(spec: LaunchSpec, options: LaunchOptions): Promise<StartedChild> {
  const {signal, graceMs = GRACE_MS} = options;
  signal?.throwIfAborted();
  const {child, failed} = spawnChild(spec);
  if (child === undefined) throw await failed;

  // From here to the group's guard nothing is awaited: a child that is not guarded yet would outlive a SIGKILL of ours.
  const exited = new Promise<Exit>((resolve) =>
    // Its last words may have come in the same turn of the event loop, and go first.
    child.once('exit', (code, name) => setImmediate(resolve, {code, signal: name})),
  );
  const group = new ProcessGroup(child.pid!, exited);
  const stdout = child.stdout as Readable;
  const stderr = child.stderr as Readable;
  const outputEnded = Promise.all([closed(stdout), closed(stderr)]);
  const ipc = spec.ipc ? openIpcChannel(child.stdio.at(-1) as Duplex) : undefined;
  const at = 3 + (spec.descriptors?.length ?? 0);
  const connection = spec.connection ? (child.stdio[at as 3] as unknown as Duplex) : null;
  connection?.on('error', () => {}); // it ended without reading all
  child.on('error', () => {});
  child.stdin?.on('error', () => {}); // EPIPE: it does not read to the end

  const stop: Child['stop'] = async (how = {}) => {
    group.end(how.signal ?? 'SIGTERM', how.graceMs ?? graceMs);
    await group.gone;
    return exited;
  };
  const onAbort = () => void stop();
  signal?.addEventListener('abort', onAbort, {once: true});
  if (signal) setMaxListeners(0, signal); // one listener per running child is no leak
  void exited.then(() => endRest(group, outputEnded, graceMs));
  void group.gone.then(() => {
    signal?.removeEventListener('abort', onAbort);
    ipc?.close();
    connection?.destroy();
    endWhenQuiet(stdout);
    endWhenQuiet(stderr);
  });

  return {
    pid: group.id,
    stdin: child.stdin,
    stdout,
    stderr,
    connection,
    exited,
    finished: Promise.all([exited, group.gone, outputEnded]).then(([exit]) => exit),
    send: (message) => ipc?.send(message) ?? false,
    onMessage: (listener) => ipc?.onMessage(listener),
    kill: (name) => group.signal(name),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

/** The child, running, or why there is none. */
function spawnChild(spec: LaunchSpec): {child?: ChildProcess; failed?: Promise<Error>} {
  const {args = [], descriptors = []} = spec;
  const stdio: StdioOptions = [spec.stdin ?? 'ignore', 'pipe', 'pipe', ...descriptors];
  if (spec.connection) stdio.push('pipe');
  const channel = {NODE_CHANNEL_FD: String(stdio.length), NODE_CHANNEL_SERIALIZATION_MODE: 'json'};
  if (spec.ipc) stdio.push('pipe');
  const env = spec.ipc ? {...(spec.env ?? ours), ...channel} : spec.env;
  const options = {cwd: spec.cwd, env, stdio, detached: true};
  try {
    const child = spec.shell
      ? spawn('/bin/sh', ['-c', spec.command, 'sh', ...args], options)
      : spawn(spec.command, args, options);
    if (child.pid !== undefined) return {child};
    return {failed: once(child, 'error').then(([error]) => whyNotStarted(spec, error))};
  } catch (error) {
    return {failed: whyNotStarted(spec, error)};
  }
}

/** The process has ended by itself: others of its group may finish what they write, and are then ended too. */
async function endRest(group: ProcessGroup, outputEnded: Promise<unknown>, graceMs: number): Promise<void> {
  await Promise.race([outputEnded, group.gone, timer(LINGER_MS, group.gone)]);
  if (group.told) group.killAfter(graceMs);
  else group.end('SIGTERM', graceMs);
}

function timer(ms: number, unless: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const running = setTimeout(resolve, ms);
    void unless.then(() => clearTimeout(running));
  });
}

function closed(stream: Readable): Promise<void> {
  stream.on('error', () => {}); // ECONNRESET: as good as its end
  return new Promise((resolve) => stream.once('close', resolve));
}
