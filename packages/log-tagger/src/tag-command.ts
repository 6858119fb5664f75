import {basename} from 'node:path';
import {pipeline, type Readable} from 'node:stream';

import {exitStatus, launch, type Child} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';

import {afterAbort, doneAfterAbort} from './after-abort.ts';
import {checkFields, checkTags} from './check-source.ts';
import {commandLineTagger} from './command-line-tagger.ts';
import {TaggerFault} from './fault.ts';
import type {Fields} from './line-format.ts';
import {commandInput} from './standard-input.ts';
import type {TaggerOptions} from './tagger-options.ts';

export interface TagCommandOptions extends Pick<StepOptions, 'signal'> {
  /** Default: the file name of the command. */
  readonly tag?: readonly string[] | undefined;
  readonly fields?: Fields | undefined;
  /** Its pid as a field, too. Default false. */
  readonly pid?: boolean | undefined;
  readonly tagger: TaggerOptions;
  /** What the command reads; destroyed when the command has ended. Default: stdin, unless that is a terminal. */
  readonly input?: Readable | undefined;
  /** The command's whole environment, such as `blockingOutput(process.env)`. Default: ours. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

const SINK_MS = 2000;

/**
 * Runs a command and tags what it prints, on both streams, to the last byte; resolves with its exit code (128+n for a signal).
 * Aborting stops it, with the signal that we have got; so does the failure of the last destination. SIGQUIT and SIGUSR2 are passed on.
 * Faults: SPAWN_NOT_FOUND, SPAWN_FAILED, TAGGER_SINK_FAILED, TAGGER_OPTIONS.
 */
export async function tagCommand(words: readonly string[], options: TagCommandOptions): Promise<number> {
  const {env, fields = {}, input = commandInput(), pid = false, signal} = options;
  const [command = '', ...args] = words;
  const {tag = [basename(command)]} = options;
  checkTags(tag);
  checkFields(fields);
  if (command === '') throw new TaggerFault('TAGGER_OPTIONS', 'the name of the command is empty');
  let child: Child | undefined;
  using running = commandLineTagger(options.tagger, () => void child?.stop());
  const {tagger} = running;
  try {
    signal?.throwIfAborted();
    child = await launch({command, args, env, stdin: input ? 'pipe' : 'ignore'});
  } catch (error) {
    await tagger.close().catch(() => {});
    throw error;
  }
  await using _running = child;
  using _stopped = stopAfterAbort(child, signal);
  using _passed = passOn(['SIGQUIT', 'SIGUSR2', ...(running.reopens ? [] : (['SIGUSR1'] as const))], child);
  const source = {tag, fields: {...(pid ? {pid: child.pid} : {}), ...fields}};
  const tagged = Promise.all([
    tagger.attach({...source, stream: child.stdout}),
    tagger.attach({...source, stream: child.stderr, kind: 'err'}),
  ]).then(() => tagger.close());
  tagged.catch(() => {}); // it is awaited below, perhaps after it has failed
  // EPIPE: a command need not read its input.
  if (input && child.stdin) pipeline(input, child.stdin, () => {});
  const exit = await child.exited;
  input?.destroy();
  await doneAfterAbort(tagged, signal, SINK_MS);
  return exitStatus(exit);
}

function passOn(signals: readonly NodeJS.Signals[], child: Child): Disposable {
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, pass);
    },
  };
}

/** By SIGINT, SIGTERM or SIGHUP, whichever has come to us; else by SIGTERM. */
function stopAfterAbort(child: Child, signal: AbortSignal | undefined): Disposable {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let heard: NodeJS.Signals | undefined;
  const hear = (name: NodeJS.Signals) => (heard ??= name);
  for (const name of signals) process.on(name, hear);
  // Whoever aborts at a signal may hear it before us.
  const stop = afterAbort(signal, 0, () => void child.stop({signal: heard ?? 'SIGTERM'}));
  return {
    [Symbol.dispose]() {
      for (const name of signals) process.off(name, hear);
      stop[Symbol.dispose]();
    },
  };
}
