import type {Readable} from 'node:stream';

import {checkFields, checkTags} from './check-source.ts';
import {clock} from './clock.ts';
import {TaggerFault} from './fault.ts';
import {jsonFormat} from './formats/json.ts';
import {textFormat} from './formats/text.ts';
import {droppedWords, toLatin1, type Fields, type FormatOptions, type LineFormat} from './line-format.ts';
import type {Sink} from './sink.ts';
import {SinkQueue} from './sink-queue.ts';
import {streamSink} from './sinks/stream.ts';
import {readSource, type SourceInput} from './source-input.ts';
import {SourceLines, type Outlet} from './source-lines.ts';
import {checkWords, lineBytes, mergeOf, type TaggerOptions, type TaggerSettings} from './tagger-options.ts';

const FORMATS = {text: textFormat, json: jsonFormat};
// Cyan, yellow, green, magenta, blue, red, and their bright sisters.
const COLORS = [36, 33, 32, 35, 34, 31, 96, 93, 92, 95, 94, 91];

export interface TaggerSource {
  /** '' for none; several are shown one after the other. */
  readonly tag: string | readonly string[];
  readonly stream: Readable;
  /** Default 'out'. JSON lines of 'err' carry `"stream":"err"`. */
  readonly kind?: 'out' | 'err' | undefined;
  /** Such as `{pid: 17, worker: 1}`: in front of each line, but where a JSON line has its own. */
  readonly fields?: Fields | undefined;
}

export interface Tagger extends AsyncDisposable {
  /**
   * Reads the source to its end and tags its lines. Resolves when it has ended (or failed, or was destroyed) and its last
   * byte is in the sinks, also when one has failed. Rejects only with TAGGER_CLOSED or TAGGER_OPTIONS.
   */
  attach(source: TaggerSource): Promise<void>;
  /**
   * Lines of the caller's own, between whole lines of the sources. Dropped after `close`, and, but counted, when the sink
   * stands still and a mebibyte waits for it.
   */
  note(tag: string, text: string): void;
  /** For every line from now on; what is not named stays as it is. Throws TAGGER_OPTIONS. */
  configure(settings: TaggerSettings): void;
  /** Opens files again by their names, as after `logrotate`: what has come so far is in the old ones. */
  reopen(): Promise<void>;
  /**
   * Resolves when every source has ended and everything is in the sinks. A source that never ends is the caller's to destroy.
   * Rejects with TAGGER_SINK_FAILED when lines did not arrive.
   */
  close(): Promise<void>;
}

/** Tags lines of any number of sources into one sink, or each of several. Throws TAGGER_OPTIONS. */
export function createTagger(options: TaggerOptions): Tagger {
  checkWords(options);
  const {overflow = 'block', onEvent} = options;
  const maxBytes = lineBytes(options.maxLineBytes);
  const merge = mergeOf(options.merge);
  const start = Date.now();
  let settings: TaggerSettings = options;
  let now = clock(options.timestamps ?? 'iso', start);
  const colors = new Map<string, string>();
  const sources = new Set<Promise<void>>();
  const waiting = new Map<SourceInput, SourceLines>();
  let closing: Promise<void> | undefined;

  const formatAt = (sink: Sink, source: Omit<FormatOptions, 'now' | 'color'>): LineFormat => {
    const {color = false, format = 'text'} = settings;
    const {tag} = source;
    if (color && !colors.has(tag)) colors.set(tag, String(COLORS[colors.size % COLORS.length]));
    const make = sink.format ?? (typeof format === 'function' ? format : FORMATS[format]);
    return make({...source, now, color: color ? colors.get(tag) : undefined, records: merge?.records});
  };

  const sinks = [options.sink].flat().map((sink) => ('writable' in sink ? streamSink(sink) : (sink as Sink)));
  if (sinks.length === 0) throw new TaggerFault('TAGGER_OPTIONS', 'a tagger needs a sink');
  const queues = sinks.map((sink) => {
    const {name} = sink;
    return new SinkQueue(sink, {
      overflow,
      dropped(count) {
        const format = formatAt(sink, {tag: '', kind: 'out'});
        return format.dropped?.(count) ?? format.lines(`[keelson] ${droppedWords(count)}`);
      },
      onDrained() {
        if (isBlocked()) return;
        const all = [...waiting];
        waiting.clear();
        for (const [input, lines] of all) {
          lines.paused = false;
          input.resume();
        }
      },
      onFailed(error, final) {
        const {code} = error as NodeJS.ErrnoException;
        onEvent?.({type: 'log-tagger:sink-failed', sink: name, because: error.message, code, final});
      },
      onRecovered: (dropped) => onEvent?.({type: 'log-tagger:sink-recovered', sink: name, dropped}),
    });
  });
  const isBlocked = (): boolean => queues.some((queue) => queue.blocked);

  /** The formats of a source, made anew when the settings have changed. */
  const outletsOf = (source: Omit<FormatOptions, 'now' | 'color'>): (() => readonly Outlet[]) => {
    let made: TaggerSettings | undefined;
    let outlets: readonly Outlet[] = [];
    return () => {
      if (made !== settings)
        outlets = queues.map((queue, index) => ({queue, format: formatAt(sinks[index]!, source)}));
      made = settings;
      return outlets;
    };
  };

  const read = async ({stream, ...source}: TaggerSource): Promise<void> => {
    const lines = new SourceLines({
      outlets: outletsOf(described(source)),
      level: () => settings.level,
      maxBytes,
      merge,
    });
    const input = readSource(stream, (chunk) => {
      lines.push(chunk);
      // Only who adds to a full sink waits, so that each source has had its turn before any has a second one.
      if (!isBlocked()) return;
      input.pause();
      lines.paused = true;
      waiting.set(input, lines);
    });
    await input.ended;
    waiting.delete(input);
    lines.end();
    await Promise.all(queues.map((queue) => queue.settled()));
  };

  const close = async (): Promise<void> => {
    await Promise.all(sources);
    const failures = await Promise.all(queues.map((queue) => queue.close()));
    const failed = failures.flatMap((failure, index) => (failure ? [{sink: sinks[index]!, ...failure}] : []));
    if (failed.length > 0) throw sinkFault(failed);
  };

  return {
    async attach(source) {
      const {tags, fields = {}} = described(source);
      if (closing)
        throw new TaggerFault('TAGGER_CLOSED', `the tagger is closed: ${tags.join(' ')} comes too late`);
      checkTags(tags);
      checkFields(fields);
      const reading = read(source);
      sources.add(reading);
      await reading;
      sources.delete(reading);
    },
    note(tag, text) {
      checkTags([tag]);
      if (closing) return;
      const block = toLatin1(text.replace(/\n$/, ''));
      for (const {queue, format} of outletsOf(described({tag}))())
        queue.add(format.lines(block), {spare: true});
    },
    configure(changes) {
      checkWords(changes);
      const given = Object.entries(changes).filter(([, value]) => value !== undefined);
      settings = {...settings, ...Object.fromEntries(given)};
      if (changes.timestamps) now = clock(changes.timestamps, start);
    },
    async reopen() {
      await Promise.all(queues.map((queue) => queue.reopen()));
    },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

function described({tag, kind = 'out', fields}: Omit<TaggerSource, 'stream'>) {
  const tags = (typeof tag === 'string' ? [tag] : tag).filter((one) => one !== '');
  return {tag: tags.join(' '), tags, kind, fields};
}

interface FailedSink {
  readonly sink: Sink;
  readonly error: Error;
  readonly lost: number;
}

function sinkFault(failed: readonly FailedSink[]): TaggerFault {
  const told = failed.map(({sink, error, lost}) => {
    const missing = lost === 0 ? '' : `; ${lost} ${lost === 1 ? 'line is' : 'lines are'} missing`;
    return `${sink.name} cannot be written: ${error.message}${missing}`;
  });
  return new TaggerFault('TAGGER_SINK_FAILED', told.join('. '), {cause: failed[0]!.error});
}
