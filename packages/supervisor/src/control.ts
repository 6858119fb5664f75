import {once} from 'node:events';
import net from 'node:net';
import {resolve} from 'node:path';
import {Fault, type StepOptions} from '@keelson/step';
import type {AnswerLine, Answers, Question, Verb} from './control-protocol.ts';
import {SupervisorFault} from './fault.ts';

/** A fault of the supervisor, told to the one who asked with its own code. */
class AnsweredFault extends Fault {}

type Fields<V extends Verb> = Omit<Extract<Question, {verb: V}>, 'verb'>;

/**
 * Asks a supervisor on its control socket. Each call is a connection of its own; an abort of `signal` ends the waiting, not what
 * was asked for. With `wait` the answer comes when a change is complete, without it at once (`begun`).
 * Faults: SUPERVISOR_NOT_RUNNING, SUPERVISOR_CONTROL_GONE, and those of the supervisor.
 */
export interface Control {
  status(options?: StepOptions): Promise<Answers['status']>;
  /** New workers take the place of all, with the command, formation and environment as they are now. */
  roll(fields?: Fields<'roll'>, options?: StepOptions): Promise<Answers['roll']>;
  /** New workers take the place of those of the target, one after another; nothing is read again. */
  restart(fields?: Fields<'restart'>, options?: StepOptions): Promise<Answers['restart']>;
  resize(fields: Fields<'resize'>, options?: StepOptions): Promise<Answers['resize']>;
  /** What each worker printed last. */
  logs(fields?: Fields<'logs'>, options?: StepOptions): Promise<Answers['logs']>;
  /** Sends `{type: 'log-level', level}` to the apps, as `process.on('message')` gets it. */
  logLevel(fields: Fields<'log-level'>, options?: StepOptions): Promise<Answers['log-level']>;
  /** Resolves when the files are written; their worker stands still meanwhile. */
  heapSnapshot(fields: Fields<'heap-snapshot'>, options?: StepOptions): Promise<Answers['heap-snapshot']>;
  cpuProfile(fields: Fields<'cpu-profile'>, options?: StepOptions): Promise<Answers['cpu-profile']>;
  plugins(options?: StepOptions): Promise<Answers['plugins']>;
  signal(fields: Fields<'signal'>, options?: StepOptions): Promise<Answers['signal']>;
  /** Says that it is not ready, serves on for the notice (or answers `reply`), and then stops. */
  drain(fields?: Fields<'drain'>, options?: StepOptions): Promise<Answers['drain']>;
  stop(fields?: Fields<'stop'>, options?: StepOptions): Promise<Answers['stop']>;
}

/** The supervisor behind a control socket; nothing is opened before the first question. */
export function controlAt(path: string): Control {
  return {
    status: (options) => ask(path, {verb: 'status'}, options),
    roll: (fields, options) => ask(path, {verb: 'roll', ...fields}, options),
    restart: (fields, options) => ask(path, {verb: 'restart', ...fields}, options),
    resize: (fields, options) => ask(path, {verb: 'resize', ...fields}, options),
    logs: (fields, options) => ask(path, {verb: 'logs', ...fields}, options),
    logLevel: (fields, options) => ask(path, {verb: 'log-level', ...fields}, options),
    heapSnapshot: (fields, options) => ask(path, {verb: 'heap-snapshot', ...fields}, options),
    cpuProfile: (fields, options) => ask(path, {verb: 'cpu-profile', ...fields}, options),
    plugins: (options) => ask(path, {verb: 'plugins'}, options),
    signal: (fields, options) => ask(path, {verb: 'signal', ...fields}, options),
    drain: (fields, options) => ask(path, {verb: 'drain', ...fields}, options),
    stop: (fields, options) => ask(path, {verb: 'stop', ...fields}, options),
  };
}

async function ask<V extends Verb>(
  path: string,
  question: Extract<Question, {verb: V}>,
  {signal}: StepOptions = {},
): Promise<Answers[V]> {
  signal?.throwIfAborted();
  const socket = net.connect(resolve(path));
  const cut = (): void => void socket.destroy();
  signal?.addEventListener('abort', cut, {once: true});
  try {
    await once(socket, 'connect', signal ? {signal} : {});
    socket.write(`${JSON.stringify(question)}\n`);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await once(socket, 'close');
    signal?.throwIfAborted();
    return valueOf(text, path) as Answers[V];
  } catch (error) {
    signal?.throwIfAborted();
    throw problemOf(error, path);
  } finally {
    signal?.removeEventListener('abort', cut);
    socket.destroy();
  }
}

function valueOf(text: string, path: string): Answers[Verb] {
  if (!text.endsWith('\n'))
    throw new SupervisorFault(
      'SUPERVISOR_CONTROL_GONE',
      `The supervisor on ${path} ended before it answered`,
    );
  const answer = JSON.parse(text) as AnswerLine;
  if ('value' in answer) return answer.value;
  const {code, message, hint, temporary} = answer.fault;
  throw new AnsweredFault(code, message, {hint, temporary});
}

function problemOf(error: unknown, path: string): unknown {
  const {code} = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return new SupervisorFault(
      'SUPERVISOR_CONTROL_GONE',
      `The supervisor on ${path} ended before it answered`,
      {cause: error},
    );
  if (code === 'EACCES')
    return new SupervisorFault('SUPERVISOR_NOT_RUNNING', `Not allowed to open ${path}`, {
      cause: error,
      hint: 'Ask as the user that the supervisor runs as.',
    });
  if (code !== 'ENOENT' && code !== 'ECONNREFUSED' && code !== 'ENOTSOCK' && code !== 'ENOTDIR') return error;
  return new SupervisorFault('SUPERVISOR_NOT_RUNNING', `No supervisor answers on ${path}`, {
    cause: error,
    hint: 'keelson run --control SOCK -- COMMAND starts one with that socket.',
  });
}
