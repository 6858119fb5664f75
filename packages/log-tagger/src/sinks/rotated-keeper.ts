import {stat, unlink} from 'node:fs/promises';

import {gzipRotated, removeDeadParts} from './gzip-rotated.ts';
import {listRotatedFiles, listRotatedNames, type RotatedName} from './rotated-files.ts';
import {codeOf} from './sink-error.ts';

export interface Keeping {
  /** How many rotated files stay. */
  readonly keep: number;
  /** How many bytes all rotated files may have. */
  readonly max: number;
  readonly gzip: boolean;
  readonly mode: number;
}

type Report = (type: 'log-tagger:gzip-failed' | 'log-tagger:retention-failed', error: unknown) => void;

// A second writer looks before each write whether the name is still its file: what it has begun by then ends long before this.
const SETTLE_MS = 3000;

/** Looks after the rotated files of a log in the background: too many go, oldest first, and the others are compressed. */
export class RotatedKeeper {
  readonly #path: string;
  readonly #keeping: Keeping;
  readonly #report: Report;
  readonly #stop = new AbortController();
  #sweeping: Promise<void> | undefined;
  #again = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, keeping: Keeping, report: Report) {
    this.#path = path;
    this.#keeping = keeping;
    this.#report = report;
  }

  /** Takes up what an earlier process has left. */
  async start(): Promise<void> {
    if (this.#keeping.gzip) await removeDeadParts(this.#path);
    this.sweep();
  }

  /** To be called after each rotation. */
  sweep(): void {
    if (this.#stop.signal.aborted) return;
    this.#again = true;
    this.#sweeping ??= this.#sweepAll().finally(() => {
      this.#sweeping = undefined;
      if (this.#again) this.sweep();
    });
  }

  /** Stops; a compression is given up, and taken up again by the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#sweeping;
    await this.#removeOldest();
  }

  async #sweepAll(): Promise<void> {
    while (this.#again && !this.#stop.signal.aborted) {
      this.#again = false;
      await this.#removeOldest();
      if (this.#keeping.gzip) await this.#compressOldest();
    }
  }

  async #removeOldest(): Promise<void> {
    try {
      for (const {path, gzip} of await this.#surplus()) {
        await unlink(path).catch(ignoreMissing);
        if (!gzip) await unlink(`${path}.gz`).catch(ignoreMissing);
      }
    } catch (error) {
      this.#report('log-tagger:retention-failed', error);
    }
  }

  /** The oldest files that are too many, or too large together. */
  async #surplus(): Promise<readonly RotatedName[]> {
    const {keep, max} = this.#keeping;
    if (max === Infinity)
      return (await listRotatedNames(this.#path)).slice(0, keep === 0 ? undefined : -keep);
    const newestFirst = (await listRotatedFiles(this.#path)).toReversed();
    let bytes = 0;
    const kept = newestFirst.findIndex((file, index) => (bytes += file.bytes) > max || index >= keep);
    return kept < 0 ? [] : newestFirst.slice(kept);
  }

  /** One a round, so that retention has its say in between. */
  async #compressOldest(): Promise<void> {
    const {signal} = this.#stop;
    try {
      for (const {path, gzip} of await listRotatedNames(this.#path)) {
        if (gzip) continue;
        const {size, ctimeMs} = await stat(path);
        if (size === 0) continue; // a name that is taken for a file to come
        // Renaming a file is a change of it, too.
        const wait = ctimeMs + SETTLE_MS - Date.now();
        if (wait > 0 && wait <= SETTLE_MS) return this.#sweepIn(wait);
        if (await gzipRotated(path, {mode: this.#keeping.mode, signal})) this.#again = true;
        else this.#sweepIn(SETTLE_MS);
        return;
      }
    } catch (error) {
      if (signal.aborted || codeOf(error) === 'ENOENT') return;
      this.#report('log-tagger:gzip-failed', error);
      this.#sweepIn(60_000);
    }
  }

  #sweepIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.sweep(), ms).unref();
  }
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}
