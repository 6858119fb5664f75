import {LineCarry} from './line-carry.ts';
import type {LineFormat} from './line-format.ts';
import {atLeast, passes, type Level} from './level.ts';
import {RecordMerge, type RecordTarget} from './record-merge.ts';
import type {SinkQueue} from './sink-queue.ts';

/** Where formatted lines go: a sink's queue, and how this source's lines look there. */
export interface Outlet {
  readonly queue: SinkQueue;
  readonly format: LineFormat;
}

export interface SourceLinesOptions {
  /** As they are right now. */
  readonly outlets: () => readonly Outlet[];
  /** Lines below it go nowhere. */
  readonly level: () => Level | undefined;
  readonly maxBytes: number;
  readonly merge: {readonly start?: RegExp | undefined; readonly idleMs: number} | undefined;
}

/** The lines of one source on their way from its chunks to the sinks: completed, merged to records, filtered, formatted. */
export class SourceLines implements RecordTarget {
  readonly #options: SourceLinesOptions;
  readonly #carry: LineCarry;
  readonly #merge: RecordMerge | undefined;
  #idle: NodeJS.Timeout | undefined;
  #paused = false;
  /** The part that comes next goes on with a line or record that was cut; whether that is below the level. */
  #continues = false;
  #hidden = false;
  /** Of everything that has come. */
  #length = 0;

  constructor(options: SourceLinesOptions) {
    const {merge, maxBytes} = options;
    this.#options = options;
    this.#merge = merge && new RecordMerge(this, {start: merge.start, maxBytes});
    this.#carry = new LineCarry(this.#merge ?? this, maxBytes);
  }

  push(chunk: string): void {
    this.#length += chunk.length;
    this.#carry.push(chunk);
    this.#waitForMore();
  }

  end(): void {
    this.#stopWaiting();
    this.#carry.end();
    this.#merge?.flush();
  }

  /** While nobody reads the source, its silence says nothing. */
  set paused(paused: boolean) {
    this.#paused = paused;
    this.#waitForMore();
  }

  lines(block: string): void {
    const level = this.#options.level();
    const kept = level === undefined ? block : atLeast(level, block);
    if (kept !== undefined) this.#add((format) => format.lines(kept));
  }

  piece(text: string, more: boolean): void {
    if (this.#shows(text, more)) this.#add((format) => format.piece(text, more));
  }

  record(text: string, more: boolean): void {
    if (!this.#shows(text, more)) return;
    this.#add((format) => {
      if (format.record) return format.record(text, more);
      const line = text.replaceAll('\n', '\\n');
      return more ? format.piece(line, true) : format.lines(line);
    });
  }

  /** The first part of what was cut says the level of all of it. */
  #shows(text: string, more: boolean): boolean {
    const level = this.#options.level();
    if (!this.#continues) this.#hidden = level !== undefined && !passes(level, text);
    this.#continues = more;
    return !this.#hidden;
  }

  #add(formatted: (format: LineFormat) => string): void {
    for (const {queue, format} of this.#options.outlets()) queue.add(formatted(format));
  }

  /** A record that may go on is let go when nothing comes for a while. */
  #waitForMore(): void {
    if (!this.#merge) return;
    if (this.#paused || !this.#merge.holds) this.#stopWaiting();
    else if (this.#idle) this.#idle.refresh();
    else this.#idle = setTimeout(() => this.#silence(), this.#options.merge!.idleMs);
  }

  #stopWaiting(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
  }

  /** A program that was busy sees first that time has passed, and then what has come meanwhile. */
  #silence(): void {
    const length = this.#length;
    this.#idle = undefined;
    setImmediate(() => {
      if (!this.#paused && length === this.#length) this.#merge!.flush();
    });
  }
}
