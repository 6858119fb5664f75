import type {Writable} from 'node:stream';

import {createTagger, type Tagger, type TaggerOptions, type TaggerSource} from '@keelson/log-tagger';

import {clockOf, type ClockKind} from './clock.ts';
import {rawStyle, type RawStyle} from './raw-style.ts';
import type {RunningProcess} from './running-process.ts';
import {textStyle} from './text-style.ts';

export interface OutputOptions {
  /** Gets the lines of the processes. */
  readonly stdout: Writable & {readonly isTTY?: boolean};
  /** Gets what we say ourselves, unless stdout is a terminal: then that stands in its place between the lines. */
  readonly stderr: Writable;
  /** text: time, name and line. json: an object a line. raw: nothing but the bytes, stderr on stderr. Default 'text'. */
  readonly format?: 'text' | 'json' | 'raw' | undefined;
  /** Default 'time'; JSON knows iso and none. */
  readonly timestamps?: ClockKind | undefined;
  /** Default false. */
  readonly color?: boolean | undefined;
  /** Characters of a line that are shown, or after which it goes on in the next one. Text only. */
  readonly fit?: {readonly trim?: number | undefined; readonly wrap?: number | undefined} | undefined;
  /** Names of processes whose lines are read and dropped: `web.1`. */
  readonly hide?: readonly string[] | undefined;
  /** False: we say nothing ourselves. Default true. */
  readonly notes?: boolean | undefined;
}

export interface ProcessOutput {
  /** Reads what a process prints to its end. Never rejects. */
  attach(name: string, running: RunningProcess): Promise<void>;
  /** A line of our own. */
  note(text: string): void;
  /** Resolves when all processes' outputs have ended and are written. Never rejects. */
  close(): Promise<void>;
}

// A line of more would make memory grow without limit.
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const OWN_NAME = 'system';

/**
 * Where the lines of all processes come together.
 * @param onFailed the sink takes no more: `code` such as EPIPE
 */
export function openOutput(
  names: readonly string[],
  options: OutputOptions,
  onFailed: (code: string | undefined, because: string) => void,
): ProcessOutput {
  const {stdout, stderr, format = 'text', hide = [], notes = true} = options;
  const together = format !== 'raw' && stdout.isTTY === true;
  const shown = together ? [...names, OWN_NAME] : names;
  const failing = (passed?: string): Pick<TaggerOptions, 'onEvent'> => ({
    onEvent: (event) => {
      if (event.type === 'log-tagger:sink-failed' && event.code !== passed)
        onFailed(event.code, event.because);
    },
  });
  const raw = {out: rawStyle(), err: rawStyle()};
  const styled = styleOf(shown, options);
  const out = createTagger({
    sink: stdout,
    ...(format === 'raw' ? rawOptions(raw.out) : styled),
    ...failing(),
  });
  // Somebody who closes stderr hears nothing of us, and the processes run on.
  const err = together
    ? out
    : createTagger({
        sink: stderr,
        ...(format === 'raw' ? {...rawOptions(raw.err), ...failing('EPIPE')} : styled),
      });
  // Of its own, for its lines have a style even where those of the processes have none.
  const own = format === 'raw' ? createTagger({sink: stderr, ...styled}) : err;

  const attachStream = async (tagger: Tagger, style: RawStyle, source: TaggerSource & {tag: string}) => {
    if (format === 'raw') style.watch(source.tag, source.stream);
    await tagger.attach(source);
  };
  return {
    async attach(name, {stdout: lines, stderr: errors}) {
      if (hide.includes(name)) {
        await Promise.all([drop(lines), errors && drop(errors)]);
        return;
      }
      const errorsTo = format === 'raw' ? err : out;
      await Promise.all([
        attachStream(out, raw.out, {tag: name, stream: lines, kind: 'out'}),
        errors && attachStream(errorsTo, raw.err, {tag: name, stream: errors, kind: 'err'}),
      ]).catch(() => {}); // closed before: nobody reads us any more
    },
    note(text) {
      if (notes) own.note(OWN_NAME, text);
    },
    async close() {
      await Promise.allSettled([out.close(), err.close(), own.close()]);
    },
  };
}

function styleOf(names: readonly string[], {format, timestamps = 'time', color, fit}: OutputOptions) {
  const options = {color, maxLineBytes: MAX_LINE_BYTES, timestamps: 'none'} as const;
  if (format === 'json')
    return {...options, format: 'json', timestamps: timestamps === 'none' ? 'none' : 'iso'} as const;
  const width = Math.max(...names.map((name) => name.length));
  return {...options, format: textStyle({width, clock: clockOf(timestamps), whole: OWN_NAME, ...fit})};
}

function rawOptions({format}: RawStyle) {
  return {format, maxLineBytes: MAX_LINE_BYTES, timestamps: 'none'} as const;
}

function drop(stream: RunningProcess['stdout']): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve).resume());
}
