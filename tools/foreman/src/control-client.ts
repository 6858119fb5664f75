import {connect, type Socket} from 'node:net';
import {resolve} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {controlFolders, listSockets} from './control-path.ts';
import {
  parseObject,
  readLines,
  type ControlAnswer,
  type ControlRequest,
  type DroppedLines,
  type LogLine,
} from './control-protocol.ts';
import {ForemanFault} from './fault.ts';
import type {ProcessStatus} from './process-status.ts';

export interface ControlTarget {
  /** Folder of the app. Default: the current one. */
  readonly root?: string | undefined;
  /** The runner's socket, where it was started with one. */
  readonly control?: string | undefined;
  /** XDG_RUNTIME_DIR. */
  readonly runtimeDirectory?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a runner says of its processes. */
export interface RunnerStatus {
  readonly kind: 'foreman-status';
  /** Of the runner. */
  readonly pid: number;
  readonly processes: readonly ProcessStatus[];
}

/** A runner shows its first line before it listens for us. */
const JUST_STARTED_MS = 300;
/** A line of ours is longer than what it carries. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * Asks the runner of an app, and hands lines of logs on; resolves with its answer.
 * Faults: FOREMAN_NO_RUNNER, FOREMAN_UNKNOWN_PROCESS, FOREMAN_CONTROL.
 */
export async function askRunner(
  request: ControlRequest,
  target: ControlTarget,
  onLine: (line: LogLine | DroppedLines, socket: Socket) => void = () => {},
): Promise<RunnerStatus> {
  target.signal?.throwIfAborted();
  const socket = await connectToRunner(target);
  const stop = () => socket.destroy();
  target.signal?.addEventListener('abort', stop, {once: true});
  try {
    const answer = await new Promise<ControlAnswer | undefined>((resolve, reject) => {
      let last: ControlAnswer | undefined;
      const line = (text: string) => {
        const value = parseObject(text);
        if (value?.['ok'] !== undefined) last = value as unknown as ControlAnswer;
        else if (value !== undefined) onLine(value as unknown as LogLine | DroppedLines, socket);
      };
      readLines(socket, MAX_ANSWER_BYTES, {line, tooLong: stop});
      socket.once('error', reject).once('close', () => resolve(last));
      socket.write(`${JSON.stringify(request)}\n`);
    });
    target.signal?.throwIfAborted();
    return statusOf(answer, request);
  } finally {
    target.signal?.removeEventListener('abort', stop);
    socket.destroy();
  }
}

function statusOf(answer: ControlAnswer | undefined, request: ControlRequest): RunnerStatus {
  if (answer?.ok === true) return {kind: 'foreman-status', pid: answer.pid, processes: answer.processes};
  if (answer === undefined) {
    // Who follows logs does so until the runner ends.
    if (request.verb === 'logs') return {kind: 'foreman-status', pid: 0, processes: []};
    throw new ForemanFault('FOREMAN_NO_RUNNER', 'the runner ended before it answered');
  }
  const code = answer.code === 'FOREMAN_UNKNOWN_PROCESS' ? answer.code : 'FOREMAN_CONTROL';
  throw new ForemanFault(code, answer.message, {hint: answer.hint});
}

async function connectToRunner(target: ControlTarget): Promise<Socket> {
  const {root = '.', control} = target;
  const folder = resolve(root);
  let answering = await answeringSockets(folder, target);
  if (answering.length === 0) {
    await delay(JUST_STARTED_MS, undefined, {signal: target.signal});
    answering = await answeringSockets(folder, target);
  }
  const [first, ...others] = answering;
  if (first === undefined)
    throw new ForemanFault(
      'FOREMAN_NO_RUNNER',
      control === undefined ? `no runner runs the processes of ${folder}` : `no runner listens on ${control}`,
      {hint: 'Start one there, or say where it runs with --root (or its socket with --control).'},
    );
  if (others.length === 0) return first.socket;
  for (const {socket} of answering) socket.destroy();
  const runners = answering.map(({path, pid}) => `pid ${pid} (--control ${path})`);
  throw new ForemanFault('FOREMAN_CONTROL', `${runners.length} runners run the processes of ${folder}`, {
    hint: `Choose one: ${runners.join(', ')}.`,
  });
}

async function answeringSockets(folder: string, {control, runtimeDirectory}: ControlTarget) {
  const sockets =
    control === undefined
      ? await listSockets(folder, controlFolders(runtimeDirectory)).catch(noFolder(folder))
      : [{path: resolve(control), pid: 0}];
  const reached = await Promise.all(sockets.map(async (one) => ({...one, socket: await reach(one.path)})));
  return reached.flatMap(({socket, ...one}) => (socket === undefined ? [] : [{...one, socket}]));
}

const noFolder = (folder: string) => (error: NodeJS.ErrnoException) => {
  throw new ForemanFault('FOREMAN_NO_RUNNER', `there is no folder ${folder}`, {cause: error});
};

function reach(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const refused = () => resolve(undefined);
    socket.once('error', refused);
    socket.once('connect', () => {
      socket.off('error', refused);
      resolve(socket);
    });
  });
}
