import {finished, type Readable, type Writable} from 'node:stream';

import type {StepOptions} from '@keelson/step';

import {TaggerFault} from './fault.ts';
import {jsonFormat} from './formats/json.ts';
import {textFormat} from './formats/text.ts';
import {LineCarry} from './line-carry.ts';
import {toLatin1, type FormatOptions, type LineFormat} from './line-format.ts';
import {SinkQueue} from './sink-queue.ts';

const FORMATS = {text: textFormat, json: jsonFormat} satisfies Record<
  string,
  (options: FormatOptions) => LineFormat
>;
// Cyan, yellow, green, magenta, blue, red, and their bright sisters.
const COLORS = [36, 33, 32, 35, 34, 31, 96, 93, 92, 95, 94, 91];
const MIN_LINE_BYTES = 16;

export interface TaggerEvent {
  /** Nothing more will be written: sources are read and dropped. Told once. */
  readonly type: 'log-tagger:sink-failed';
  readonly because: string;
  /** Such as EPIPE, when the reader has gone. */
  readonly code: string | undefined;
}

export interface TaggerOptions extends Pick<StepOptions<TaggerEvent>, 'onEvent'> {
  readonly sink: Writable;
  /** Time of arrival in front of each line: ISO 8601, UTC, milliseconds; or none. Default 'iso'. */
  readonly timestamps?: 'iso' | 'none' | undefined;
  /** How a line looks, or the caller's own way. Default 'text'. */
  readonly format?: keyof typeof FORMATS | ((options: FormatOptions) => LineFormat) | undefined;
  /** A longer line is cut into pieces. At least 16, may be Infinity. Default 65 536. */
  readonly maxLineBytes?: number | undefined;
  /** A colour for each tag, text only. Default false. */
  readonly color?: boolean | undefined;
}

export interface TaggerSource {
  /** '' for none. */
  readonly tag: string;
  readonly stream: Readable;
  /** Default 'out'. JSON lines of 'err' carry `"stream":"err"`. */
  readonly kind?: 'out' | 'err' | undefined;
}

export interface Tagger extends AsyncDisposable {
  /**
   * Reads the source to its end and tags its lines. Resolves when it has ended (or failed, or was destroyed) and its last
   * byte is in the sink, also when the sink has failed. Rejects only with TAGGER_CLOSED or TAGGER_OPTIONS.
   */
  attach(source: TaggerSource): Promise<void>;
  /** Lines of the caller's own, between whole lines of the sources. Dropped after `close`. */
  note(tag: string, text: string): void;
  /**
   * Resolves when every source has ended and everything is in the sink, which stays open. A source that never ends is the
   * caller's to destroy. Rejects with TAGGER_SINK_FAILED.
   */
  close(): Promise<void>;
}

/** Tags lines of any number of sources into one sink. Throws TAGGER_OPTIONS. */
export function createTagger(options: TaggerOptions): Tagger {
  const {sink, timestamps = 'iso', format = 'text', maxLineBytes = 65_536, color = false} = options;
  if (!(maxLineBytes >= MIN_LINE_BYTES))
    throw new TaggerFault(
      'TAGGER_OPTIONS',
      `maxLineBytes has to be at least ${MIN_LINE_BYTES}, not ${maxLineBytes}`,
    );
  const now = timestamps === 'iso' ? isoClock() : () => '';
  const colors = new Map<string, string>();
  const sources = new Set<Promise<void>>();
  const paused = new Set<Readable>();
  let failure: TaggerFault | undefined;
  let closing: Promise<void> | undefined;

  const queue = new SinkQueue(sink, {
    drained() {
      const waiting = [...paused];
      paused.clear();
      for (const stream of waiting) stream.resume();
    },
    failed(error) {
      const {code} = error as NodeJS.ErrnoException;
      failure = new TaggerFault('TAGGER_SINK_FAILED', `the log cannot be written: ${error.message}`, {
        cause: error,
      });
      options.onEvent?.({type: 'log-tagger:sink-failed', because: error.message, code});
    },
  });

  const formatOf = (tag: string, kind: 'out' | 'err'): LineFormat => {
    if (color && !colors.has(tag)) colors.set(tag, String(COLORS[colors.size % COLORS.length]));
    const make = typeof format === 'function' ? format : FORMATS[format];
    return make({tag, kind, now, color: colors.get(tag)});
  };

  const read = async ({tag, stream, kind = 'out'}: TaggerSource): Promise<void> => {
    const carry = new LineCarry(formatOf(tag, kind), maxLineBytes);
    stream.on('data', (chunk: Buffer | string) => {
      queue.add(carry.push(typeof chunk === 'string' ? toLatin1(chunk) : chunk.toString('latin1')));
      // Only who adds to a full sink waits, so that each source has had its turn before any has a second one.
      if (!queue.blocked) return;
      stream.pause();
      paused.add(stream);
    });
    await new Promise<void>((resolve) => finished(stream, {writable: false}, () => resolve()));
    paused.delete(stream);
    queue.add(carry.end());
    await queue.settled();
  };

  const close = async (): Promise<void> => {
    await Promise.all(sources);
    queue.flush();
    await queue.settled();
    queue.release();
    if (failure) throw failure;
  };

  return {
    async attach(source) {
      if (closing)
        throw new TaggerFault('TAGGER_CLOSED', `the tagger is closed: ${source.tag} comes too late`);
      checkTag(source.tag);
      const reading = read(source);
      sources.add(reading);
      await reading;
      sources.delete(reading);
    },
    note(tag, text) {
      checkTag(tag);
      if (!closing) queue.add(formatOf(tag, 'out').lines(toLatin1(text.replace(/\n$/, ''))));
    },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

/** Text of the time, made anew only when the millisecond has changed. */
function isoClock(): () => string {
  let last = Number.NaN;
  let text = '';
  return () => {
    const time = Date.now();
    if (time !== last) text = new Date((last = time)).toISOString();
    return text;
  };
}

/** A newline in a tag would tear every line. */
function checkTag(tag: string): void {
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x1f\x7f]/.test(tag))
    throw new TaggerFault('TAGGER_OPTIONS', `a tag cannot hold control characters: ${JSON.stringify(tag)}`);
}
