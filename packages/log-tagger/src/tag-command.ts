import {basename} from 'node:path';
import {pipeline, type Readable} from 'node:stream';

import {launch, type Child, type Exit} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';

import {doneAfterAbort} from './after-abort.ts';
import {createTagger} from './tagger.ts';
import type {TaggerOptions} from './tagger-options.ts';

export interface TagCommandOptions extends Pick<StepOptions, 'signal'> {
  /** Default: the file name of the command. */
  readonly tag?: string | undefined;
  readonly tagger: TaggerOptions;
  /** What the command reads; destroyed when the command has ended. Default: nothing. */
  readonly input?: Readable | undefined;
  /** The command's whole environment, such as `blockingOutput(process.env)`. Default: ours. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

const SINK_MS = 2000;

/**
 * Runs a command and tags what it prints, on both streams, to the last byte; resolves with how it ended. Aborting, or a sink
 * that fails, stops it. Faults: SPAWN_NOT_FOUND, SPAWN_FAILED, TAGGER_SINK_FAILED, TAGGER_OPTIONS.
 */
export async function tagCommand(words: readonly string[], options: TagCommandOptions): Promise<Exit> {
  const {env, input, signal} = options;
  const [command = '', ...args] = words;
  const tag = options.tag ?? basename(command);
  let child: Child | undefined;
  const tagger = createTagger({...options.tagger, onEvent: () => void child?.stop()});
  child = await launch({command, args, env, stdin: input ? 'pipe' : 'ignore'}, {signal});
  await using _running = child;
  const tagged = Promise.all([
    tagger.attach({tag, stream: child.stdout}),
    tagger.attach({tag, stream: child.stderr, kind: 'err'}),
  ]).then(() => tagger.close());
  tagged.catch(() => {}); // it is awaited below, perhaps after it has failed
  // EPIPE: a command need not read its input.
  if (input && child.stdin) pipeline(input, child.stdin, () => {});
  const exit = await child.exited;
  input?.destroy();
  await doneAfterAbort(tagged, signal, SINK_MS);
  return exit;
}
