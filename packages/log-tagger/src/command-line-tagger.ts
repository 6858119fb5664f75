import {setFlagsFromString} from 'node:v8';

import {createTagger, type Tagger} from './tagger.ts';
import type {TaggerOptions} from './tagger-options.ts';

export interface CommandLineTagger extends Disposable {
  readonly tagger: Tagger;
  /** Some destination can be opened again: SIGHUP and SIGUSR1 do that, and nothing else. */
  readonly reopens: boolean;
}

/** A tagger that obeys signals until it is disposed. `onGone` is told when no destination is left. */
export function commandLineTagger(options: TaggerOptions, onGone: () => void): CommandLineTagger {
  const sinks = [options.sink].flat();
  // A young generation that grows costs 24 MiB, and saves a seventh of the CPU. Plain text into a pipe has room for it; what needs
  // more memory by itself stays below 80 MiB without it.
  if (options.merge || options.format === 'json' || sinks.some((sink) => 'open' in sink))
    setFlagsFromString('--semi-space-growth-factor=1');
  let left = sinks.length;
  const tagger = createTagger({
    ...options,
    onEvent(event) {
      options.onEvent?.(event);
      if (event.type === 'log-tagger:sink-failed' && event.final && --left === 0) onGone();
    },
  });
  const reopens = sinks.some((sink) => 'reopen' in sink);
  const reopen = () => void tagger.reopen();
  if (reopens) {
    // It is also the end of a terminal: what reads the terminal then gets its end of file, and a command stays.
    process.removeAllListeners('SIGHUP');
    process.on('SIGHUP', reopen);
  }
  // Also when there is nothing to open again: Node's own answer is to open a port for a debugger.
  process.on('SIGUSR1', reopen);
  return {
    tagger,
    reopens,
    [Symbol.dispose]: () => void process.off('SIGHUP', reopen).off('SIGUSR1', reopen),
  };
}
