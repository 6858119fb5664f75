import type {Readable} from 'node:stream';

import type {StepOptions} from '@keelson/step';

import {afterAbort, doneAfterAbort} from './after-abort.ts';
import {createTagger} from './tagger.ts';
import type {TaggerOptions} from './tagger-options.ts';

export interface TagInputOptions extends Pick<StepOptions, 'signal'> {
  readonly tag: string;
  readonly tagger: TaggerOptions;
  /** How long a signal waits for the end of the input. Default 10 000. */
  readonly graceMs?: number | undefined;
}

const SINK_MS = 2000;

/**
 * Tags a stream to its end. A signal waits for that end, as `tee -i` does: in `app | keelson-tag` both get the Ctrl-C, and
 * what the app says last is still wanted. Then rejects with `signal.reason`. Faults: TAGGER_SINK_FAILED, TAGGER_OPTIONS.
 */
export async function tagInput(input: Readable, options: TagInputOptions): Promise<void> {
  const {tag, signal, graceMs = 10_000} = options;
  signal?.throwIfAborted();
  const tagger = createTagger({...options.tagger, onEvent: () => input.destroy()});
  using _end = afterAbort(signal, graceMs, () => input.destroy());
  const tagged = tagger.attach({tag, stream: input}).then(() => tagger.close());
  await doneAfterAbort(tagged, signal, graceMs + SINK_MS);
  signal?.throwIfAborted();
}
