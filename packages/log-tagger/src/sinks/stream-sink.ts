import type {Writable} from 'node:stream';

import type {Sink} from '../sink.ts';
import {countFrames, endOfFrames, type FrameEnd} from './frames.ts';
import {failedAfter, sinkError} from './sink-error.ts';

/** Something that takes bytes until it breaks. */
export interface Connection {
  readonly stream: Writable;
  /** Lets it have what was written, then ends it. */
  close(): Promise<void>;
  /** At once. */
  destroy(): void;
}

export interface StreamSinkOptions {
  readonly name: string;
  readonly format?: Sink['format'];
  readonly frameEnd: FrameEnd;
  /** How long nothing may be taken. */
  readonly waitMs: number;
  /** How long a connection that takes nothing is kept before a new one is tried. */
  readonly patienceMs: number;
  /** `lost` is to be called once it takes nothing any more. */
  readonly connect: (lost: (error: NodeJS.ErrnoException) => void) => Promise<Connection>;
}

// What may come twice when a connection breaks in the middle: so many bytes, or one message.
const SLICE = 65_536;

/** Written to the stream, and not taken in time. */
interface Held {
  readonly slice: string;
  readonly since: number;
  state: 'pending' | 'taken' | 'lost';
}

/**
 * Writes whole frames to a connection. A slice that is not taken in time counts as written and stays with the sink: when the
 * connection breaks, it is the first thing that the next one gets.
 */
export class StreamSink implements Sink {
  readonly name: string;
  readonly format: Sink['format'];
  readonly #options: StreamSinkOptions;
  #connection: Connection | undefined;
  #lost: NodeJS.ErrnoException | undefined;
  #held: Held | undefined;
  /** Ends the delivery on its way. */
  #fail: ((error: NodeJS.ErrnoException) => void) | undefined;

  constructor(options: StreamSinkOptions) {
    this.name = options.name;
    this.format = options.format;
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#checkHeld();
    if (this.#connection && !this.#lost) return;
    this.#connection?.destroy();
    this.#connection = this.#lost = undefined;
    let given: Connection | undefined;
    const connection = await this.#options.connect((error) => {
      if (given && this.#connection !== given) return;
      this.#lost = error;
      this.#fail?.(error);
    });
    given = this.#connection = connection;
    if (this.#held) await this.#deliver(this.#held.slice);
  }

  async write(lines: string): Promise<void> {
    let written = 0;
    const frames = {max: SLICE, frameEnd: this.#options.frameEnd};
    try {
      if (this.#held) await this.open();
      while (written < lines.length) {
        const end = endOfFrames(lines, written, frames);
        await this.#deliver(lines.slice(written, end), () => (written = end));
        written = end;
      }
    } catch (error) {
      throw failedAfter(error, written);
    }
  }

  count(lines: string): number {
    return countFrames(lines, this.#options.frameEnd);
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
    if (this.#held && this.#held.state !== 'taken') throw this.#stalled();
  }

  /** Rejects when the connection is lost, or when it takes too long; then it is ours to keep, and `kept` is called. */
  #deliver(slice: string, kept?: () => void): Promise<void> {
    const connection = this.#connection;
    if (!connection || this.#lost)
      return Promise.reject(this.#lost ?? sinkError('ENOTCONN', `${this.name} is not open`));
    return new Promise((resolve, reject) => {
      let held: Held | undefined;
      const late = setTimeout(() => {
        this.#fail = undefined;
        this.#held = held = {slice, since: this.#held?.since ?? performance.now(), state: 'pending'};
        kept?.();
        reject(this.#stalled());
      }, this.#options.waitMs);
      this.#fail = (error) => {
        clearTimeout(late);
        reject(error);
      };
      connection.stream.write(slice, 'latin1', (error) => {
        clearTimeout(late);
        if (held) held.state = error ? 'lost' : 'taken';
        else if (error) reject(error);
        else {
          this.#held = this.#fail = undefined;
          resolve();
        }
      });
    });
  }

  /** Throws while a slice is still not taken; gives a connection up that has not moved for too long. */
  #checkHeld(): void {
    const held = this.#held;
    if (!held || this.#lost || held.state === 'lost') return;
    if (held.state === 'taken') this.#held = undefined;
    else if (performance.now() - held.since < this.#options.patienceMs) throw this.#stalled();
    else {
      this.#connection?.destroy();
      this.#connection = undefined;
      this.#held = {...held, since: performance.now(), state: 'lost'};
    }
  }

  #stalled(): NodeJS.ErrnoException {
    return sinkError('ETIMEDOUT', `${this.name} has taken nothing for ${this.#options.waitMs} ms`);
  }
}
