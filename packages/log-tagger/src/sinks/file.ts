import type {Stats} from 'node:fs';
import {realpath} from 'node:fs/promises';
import {resolve} from 'node:path';

import type {Sink, SinkWriteError} from '../sink.ts';
import type {FileSpec} from './file-spec.ts';
import {openLogFile, statAt, type LogFile} from './log-file.ts';
import {putAway} from './put-away.ts';
import {RotatedKeeper} from './rotated-keeper.ts';
import {codeOf, failedAfter} from './sink-error.ts';
import type {SinkEvent, SinkOptions} from './sink-options.ts';
import {tearAt, type TornLine} from './torn-line.ts';
import {Turns} from './turns.ts';

const KEEP = 10;
const RETRY_ROTATION_MS = 1000;

/**
 * Appends to a file, and puts it away under a name with the time when it is large or old enough. Before each write it looks
 * whether the name is still the file that it has open, and follows the name.
 */
export class FileSink implements Sink {
  readonly name: string;
  readonly #spec: FileSpec;
  readonly #mode: number;
  readonly #now: () => number;
  readonly #report: (type: SinkEvent['type'], error: unknown) => void;
  readonly #turns = new Turns();
  /** As it was given, absolute. */
  readonly #name: string;
  /** Without symbolic links, so that the file is renamed and not the link. */
  #path: string;
  #file: LogFile | undefined;
  #keeper: RotatedKeeper | undefined;
  #torn: TornLine | undefined;
  #bytes = 0;
  #lastWriteAt = 0;
  #noRotationBefore = 0;

  constructor(spec: FileSpec, {now = Date.now, onEvent}: SinkOptions = {}) {
    this.name = spec.path;
    this.#spec = spec;
    this.#mode = spec.mode ?? 0o600;
    this.#name = this.#path = resolve(spec.path);
    this.#now = now;
    this.#report = (type, error) => onEvent?.({type, sink: spec.path, because: (error as Error).message});
  }

  open(): Promise<void> {
    return this.reopen();
  }

  write(lines: string): Promise<void> {
    return this.#turns.take(() => this.#append(lines));
  }

  reopen(): Promise<void> {
    return this.#turns.take(() => {
      this.#noRotationBefore = Math.min(this.#noRotationBefore, performance.now());
      return this.#open();
    });
  }

  close(): Promise<void> {
    return this.#turns.take(async () => {
      await this.#keeper?.close();
      try {
        await this.#finishTorn();
      } finally {
        await this.#file?.close();
        this.#file = undefined;
      }
    });
  }

  async #open(): Promise<void> {
    const before = this.#file;
    const next = await openLogFile(this.#name, this.#mode);
    this.#path = await realpath(this.#name).catch(() => this.#name);
    // The name may be another file now. What began in the old one ends there, or comes again as a whole.
    if (this.#torn && !isSame(before, next.stats))
      await this.#finishTorn().catch(() => {
        this.#torn!.sent = 0;
      });
    this.#file = next;
    this.#bytes = next.stats.size;
    this.#lastWriteAt = Math.min(next.stats.mtimeMs, this.#now());
    await before?.close();
    await this.#finishTorn();
    if (!before && (await next.isUnfinished())) await this.#put('\n');
    await this.#keepRotated();
  }

  async #append(lines: string): Promise<void> {
    let written = 0;
    try {
      await this.#follow();
      await this.#finishTorn();
      if (this.#isOld()) await this.#rotate();
      while (written < lines.length) {
        const end = await this.#endOfPart(lines, written);
        await this.#put(lines.slice(written, end));
        written = end;
      }
    } catch (error) {
      throw failedAfter(error, written + ((error as SinkWriteError).written ?? 0));
    }
  }

  /** As many whole lines as go into this file, or into the next one after a rotation; at least one. */
  async #endOfPart(lines: string, start: number): Promise<number> {
    const {size} = this.#spec;
    if (size === undefined || !this.#file!.stats.isFile()) return lines.length;
    if (this.#bytes + lines.length - start <= size) return lines.length;
    const fitting = lines.lastIndexOf('\n', start + size - this.#bytes - 1) + 1;
    if (fitting > start && this.#bytes < size) return fitting;
    if (this.#bytes > 0) return (await this.#rotate()) ? this.#endOfPart(lines, start) : lines.length;
    const newline = lines.indexOf('\n', start);
    return newline < 0 ? lines.length : newline + 1;
  }

  async #put(lines: string): Promise<void> {
    let sent = 0;
    try {
      while (sent < lines.length) sent += await this.#file!.write(sent === 0 ? lines : lines.slice(sent));
    } catch (error) {
      const {written, torn} = tearAt(lines, sent);
      this.#torn = torn;
      throw failedAfter(error, written);
    } finally {
      this.#bytes += sent;
      this.#lastWriteAt = this.#now();
    }
  }

  async #finishTorn(): Promise<void> {
    const torn = this.#torn;
    while (torn && torn.sent < torn.line.length)
      torn.sent += await this.#file!.write(torn.line.slice(torn.sent));
    this.#torn = undefined;
  }

  /** The file may have been removed, with its directory too, or put away by somebody else. */
  async #follow(): Promise<void> {
    const there = await statAt(this.#path);
    if (!there || !isSame(this.#file, there)) return this.#open();
    this.#bytes = there.size; // others may append, too
  }

  #isOld(): boolean {
    const {every} = this.#spec;
    if (every === undefined || this.#bytes === 0 || !this.#file!.stats.isFile()) return false;
    return Math.floor(this.#now() / every) > Math.floor(this.#lastWriteAt / every);
  }

  /** False: it is impossible for now, and the file grows on. Never loses a line for it. */
  async #rotate(): Promise<boolean> {
    if (performance.now() < this.#noRotationBefore) return false;
    try {
      await putAway(this.#path, {stats: this.#file!.stats, now: this.#now, mode: this.#mode});
    } catch (error) {
      // Gone: the next write follows the name. Else told once, until it works again.
      if (this.#noRotationBefore === 0 && codeOf(error) !== 'ENOENT')
        this.#report('log-tagger:rotation-failed', error);
      this.#noRotationBefore = performance.now() + RETRY_ROTATION_MS;
      return false;
    }
    this.#noRotationBefore = 0;
    await this.#open();
    this.#keeper?.sweep();
    return true;
  }

  async #keepRotated(): Promise<void> {
    const {size, every, keep = KEEP, max = Infinity, gzip = false} = this.#spec;
    if (this.#keeper || (size === undefined && every === undefined)) return;
    const keeping = {keep, max, gzip, mode: this.#mode};
    this.#keeper = new RotatedKeeper(this.#path, keeping, (type, error) => this.#report(type, error));
    await this.#keeper.start();
  }
}

function isSame(file: LogFile | undefined, stats: Stats): boolean {
  return file !== undefined && file.stats.ino === stats.ino && file.stats.dev === stats.dev;
}
