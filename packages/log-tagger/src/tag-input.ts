import type {Readable} from 'node:stream';
import {setImmediate} from 'node:timers/promises';

import type {StepOptions} from '@keelson/step';

import {afterAbort, doneAfterAbort} from './after-abort.ts';
import {commandLineTagger} from './command-line-tagger.ts';
import {TaggerFault} from './fault.ts';
import type {Level} from './level.ts';
import type {Fields} from './line-format.ts';
import {standardInput} from './standard-input.ts';
import type {Tagger} from './tagger.ts';
import type {TaggerOptions} from './tagger-options.ts';

export interface TagInputOptions extends Pick<StepOptions, 'signal'> {
  /** Default: none. */
  readonly tag?: readonly string[] | undefined;
  readonly fields?: Fields | undefined;
  readonly tagger: TaggerOptions;
  /** Default: stdin. */
  readonly input?: Readable | undefined;
  /** How long a signal waits for the end of the input. Default 10 000; 0 for a terminal, whose input nobody else ends. */
  readonly graceMs?: number | undefined;
}

const SINK_MS = 2000;

/**
 * Tags a stream to its end. A signal waits for that end, as `tee -i` does: in `app | keelson-tag` both get the Ctrl-C, and
 * what the app says last is still wanted. Then rejects with `signal.reason`. SIGUSR2 shows lines of every level, and the next one
 * those of `tagger.level` again. Faults: TAGGER_INPUT_FAILED, TAGGER_SINK_FAILED, TAGGER_OPTIONS.
 */
export async function tagInput(options: TagInputOptions): Promise<void> {
  const {tag = [], fields, signal, input = standardInput()} = options;
  const {graceMs = 'isTTY' in input && input.isTTY ? 0 : 10_000} = options;
  signal?.throwIfAborted();
  // Whatever goes wrong, nobody waits for who writes to us.
  using _input = {[Symbol.dispose]: () => void input.destroy()};
  using running = commandLineTagger(options.tagger, () => input.destroy());
  const {tagger} = running;
  using _end = afterAbort(signal, graceMs, () => input.destroy());
  using _levels = toggleLevel(tagger, options.tagger.level);
  let failure: Error | undefined;
  input.once('error', (error) => (failure = error));
  const tagged = tagger.attach({tag, fields, stream: input}).then(() => tagger.close());
  await doneAfterAbort(tagged, signal, graceMs + SINK_MS);
  // In app | keelson-tag the end of the input may be told before the Ctrl-C that it came by: the loop sees signals a turn later.
  await setImmediate();
  await setImmediate();
  signal?.throwIfAborted();
  if (failure)
    throw new TaggerFault('TAGGER_INPUT_FAILED', `the input cannot be read: ${failure.message}`, {
      cause: failure,
    });
}

/** Also without a level the signal must not end us. */
function toggleLevel(tagger: Tagger, level: Level = 'trace'): Disposable {
  let all = false;
  const toggle = () => {
    all = !all;
    tagger.configure({level: all ? 'trace' : level});
  };
  process.on('SIGUSR2', toggle);
  return {[Symbol.dispose]: () => void process.off('SIGUSR2', toggle)};
}
