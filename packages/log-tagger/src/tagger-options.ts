import type {Writable} from 'node:stream';

import type {StepOptions} from '@keelson/step';

import type {Timestamps} from './clock.ts';
import {TaggerFault} from './fault.ts';
import {LEVELS, type Level} from './level.ts';
import type {FormatOptions, LineFormat} from './line-format.ts';
import type {Sink} from './sink.ts';

export interface SinkFailed {
  /**
   * Told once, until the sink has recovered. Sources go on; the last mebibyte is kept for the sink, which is opened again each
   * second.
   */
  readonly type: 'log-tagger:sink-failed';
  readonly sink: string;
  readonly because: string;
  /** Such as EPIPE, when the reader has gone. */
  readonly code: string | undefined;
  /** It is not opened again: a stream of the caller's. What is meant for it is dropped. */
  readonly final: boolean;
}

export interface SinkRecovered {
  readonly type: 'log-tagger:sink-recovered';
  readonly sink: string;
  /** Lines that it did not get, as the log says itself. */
  readonly dropped: number;
}

export type TaggerEvent = SinkFailed | SinkRecovered;

export interface MergeOptions {
  /** A line that matches begins a record, every other one continues it. Default: the rules for stacks and indented lines. */
  readonly start?: RegExp | undefined;
  /** How long a record that may go on is held back when nothing comes. Default 250. */
  readonly idleMs?: number | undefined;
  /** Text only: one line with `\n` (two characters) between the record's lines, or line by line. Default 'joined'. */
  readonly records?: 'joined' | 'kept' | undefined;
}

/** What can be changed while lines come. */
export interface TaggerSettings {
  /** In front of each line: the time when it came. ISO 8601 in UTC, milliseconds since 1970, seconds since the start. Default 'iso'. */
  readonly timestamps?: Timestamps | undefined;
  /** How a line looks, or the caller's own way. Default 'text'. */
  readonly format?: 'text' | 'json' | ((options: FormatOptions) => LineFormat) | undefined;
  /** A colour for each tag, text only. Default false. */
  readonly color?: boolean | undefined;
  /** Lines that say that they are less than this are left out. Default: none are. */
  readonly level?: Level | undefined;
}

export interface TaggerOptions extends TaggerSettings, Pick<StepOptions<TaggerEvent>, 'onEvent'> {
  /** A Writable stays open; a Sink is opened and closed. */
  readonly sink: Writable | Sink | readonly (Writable | Sink)[];
  /** A longer line (or merged record) is cut into pieces. At least 16; Infinity stands for 64 MiB. Default 65 536. */
  readonly maxLineBytes?: number | undefined;
  /** Makes records of several lines. Default false. */
  readonly merge?: boolean | MergeOptions | undefined;
  /** When a sink is full: the sources wait, or the oldest lines are dropped, counted and told in the log. Default 'block'. */
  readonly overflow?: 'block' | 'drop' | undefined;
}

const MIN_LINE_BYTES = 16;
/** No string of V8's holds much more than 512 MiB, and JSON may need six characters for one. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const IDLE_MS = 250;

export function lineBytes(maxLineBytes = 65_536): number {
  if (maxLineBytes >= MIN_LINE_BYTES) return Math.min(maxLineBytes, MAX_LINE_BYTES);
  throw new TaggerFault(
    'TAGGER_OPTIONS',
    `maxLineBytes has to be at least ${MIN_LINE_BYTES}, not ${maxLineBytes}`,
  );
}

export function mergeOf(
  merge: TaggerOptions['merge'] = false,
): (MergeOptions & {readonly idleMs: number}) | undefined {
  if (merge === false) return undefined;
  const given = merge === true ? {} : merge;
  const {idleMs = IDLE_MS} = given;
  if (!(idleMs >= 1 && idleMs <= 2 ** 31 - 1))
    throw new TaggerFault('TAGGER_OPTIONS', `merge.idleMs has to be between 1 and 2^31-1, not ${idleMs}`);
  return {...given, idleMs};
}

const WORDS: Readonly<Record<string, readonly string[]>> = {
  timestamps: ['iso', 'epoch', 'relative', 'none'],
  format: ['text', 'json'],
  level: Object.keys(LEVELS),
  overflow: ['block', 'drop'],
};

/** For callers without TypeScript: a misspelled word would be taken for something else. */
export function checkWords(options: Partial<TaggerOptions>): void {
  for (const [name, value] of Object.entries(options)) {
    const words = WORDS[name];
    if (!words || value === undefined || typeof value === 'function' || words.includes(value as string))
      continue;
    throw new TaggerFault(
      'TAGGER_OPTIONS',
      `${name} has to be one of ${words.join(', ')}, not ${JSON.stringify(value)}`,
    );
  }
}
