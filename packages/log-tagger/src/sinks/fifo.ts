import {execFile} from 'node:child_process';
import {closeSync, constants, fstatSync, openSync, writeSync} from 'node:fs';
import {resolve} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';

import type {Sink} from '../sink.ts';
import type {FifoSpec} from './fifo-spec.ts';
import {lookAt} from './log-file.ts';
import {codeOf, failedAfter, sinkError} from './sink-error.ts';
import {tearAt, type TornLine} from './torn-line.ts';

const WAIT_MS = 5000;
const LONGEST_POLL_MS = 50;
const SLICE = 65_536;

/**
 * A fifo whose reader may come and go. We hold its other end too, so that opening never waits and nobody's leaving breaks
 * it; what the reader left stays in the pipe (64 KiB) for the next. Full for too long counts as failed.
 */
export class FifoSink implements Sink {
  readonly name: string;
  readonly #path: string;
  readonly #mode: number;
  readonly #waitMs: number;
  #pipe: {readonly fd: number; readonly dev: number; readonly ino: number} | undefined;
  #torn: TornLine | undefined;

  constructor(spec: FifoSpec) {
    this.name = `fifo:${spec.path}`;
    this.#path = resolve(spec.path);
    this.#mode = spec.mode ?? 0o600;
    this.#waitMs = spec.wait ?? WAIT_MS;
  }

  async open(): Promise<void> {
    await this.#follow();
    if (!this.#finishTorn()) throw this.#full();
  }

  async write(lines: string): Promise<void> {
    let sent = 0;
    try {
      await this.open();
      let movedAt = performance.now();
      for (let pollMs = 1; sent < lines.length;) {
        const count = this.#put(lines.slice(sent, sent + SLICE));
        sent += count;
        if (count > 0) {
          movedAt = performance.now();
          pollMs = 1;
        } else if (performance.now() - movedAt >= this.#waitMs) throw this.#full();
        // Node tells when a pipe has room only to streams, which do not tell how much of a write has arrived.
        else await delay((pollMs = Math.min(2 * pollMs, LONGEST_POLL_MS)));
      }
    } catch (error) {
      const {written, torn} = tearAt(lines, sent);
      this.#torn ??= torn;
      throw failedAfter(error, written);
    }
  }

  async close(): Promise<void> {
    if (!this.#pipe) return;
    const whole = this.#finishTorn();
    closeSync(this.#pipe.fd);
    this.#pipe = undefined;
    if (!whole) throw this.#full();
  }

  /** Opens what the name is now, unless it is open; makes the fifo when there is none. */
  async #follow(): Promise<void> {
    let there = await lookAt(this.#path);
    if (this.#pipe && there?.ino === this.#pipe.ino && there.dev === this.#pipe.dev) return;
    if (!there) await makeFifo(this.#path, this.#mode);
    there ??= await lookAt(this.#path);
    if (!there?.isFIFO()) throw sinkError('EINVAL', `${this.#path} is no fifo`);
    const fd = openSync(this.#path, constants.O_RDWR | constants.O_NONBLOCK);
    // Not as plain numbers: see `lookAt`.
    const {dev, ino} = fstatSync(fd, {bigint: true});
    if (this.#pipe) {
      closeSync(this.#pipe.fd);
      if (this.#torn) this.#torn.sent = 0; // into the new one as a whole
    }
    this.#pipe = {fd, dev: Number(dev), ino: Number(ino)};
  }

  /** False: the pipe is full. */
  #finishTorn(): boolean {
    const torn = this.#torn;
    while (torn && torn.sent < torn.line.length) {
      const count = this.#put(torn.line.slice(torn.sent));
      if (count === 0) return false;
      torn.sent += count;
    }
    this.#torn = undefined;
    return true;
  }

  /** How much the pipe has taken; 0 when it is full. */
  #put(text: string): number {
    try {
      return writeSync(this.#pipe!.fd, text, null, 'latin1');
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return 0;
      throw error;
    }
  }

  #full(): NodeJS.ErrnoException {
    return sinkError('EAGAIN', `nobody reads ${this.name}`);
  }
}

async function makeFifo(path: string, mode: number): Promise<void> {
  try {
    await promisify(execFile)('mkfifo', ['-m', mode.toString(8), '--', path]);
  } catch (error) {
    if (await lookAt(path)) return; // somebody was faster
    if (codeOf(error) === 'ENOENT')
      throw sinkError('ENOENT', `cannot make ${path}: mkfifo(1) is not installed`);
    throw sinkError(
      'EIO',
      `cannot make ${path}: ${(error as {stderr?: string}).stderr?.trim() ?? String(error)}`,
    );
  }
}
