import type {Sink, SinkWriteError} from './sink.ts';

/** A write of so much is not put off for more. */
const FLUSH_AT = 65_536;
/** What is kept for a sink that is broken, or too slow for the others to wait. */
const KEEP = 1_048_576;
const RETRY_MS = 1000;

export interface SinkQueueOptions {
  /** When the sink is full: let the sources wait, or forget the oldest lines. */
  readonly overflow: 'block' | 'drop';
  /** The text that tells of lines that were dropped. */
  readonly dropped: (count: number) => string;
  /** Who has waited may go on. */
  readonly onDrained: () => void;
  /** `final`: it will not be opened again. Told once, until it has recovered. */
  readonly onFailed: (error: Error, final: boolean) => void;
  /** Lines arrive again, but for so many. */
  readonly onRecovered: (dropped: number) => void;
}

/**
 * What is on its way to a sink: one write at a time, made of everything that came in one turn of the event loop. Never loses
 * its place in a sink that is slow, and never stops anybody for one that is broken: that is opened again and again, and gets
 * the last mebibyte, with a note of how much is missing before.
 */
export class SinkQueue {
  readonly #sink: Sink;
  readonly #options: SinkQueueOptions;
  /** Formatted lines that wait, `#length` characters, and how many are missing in front of them. */
  #texts: string[] = [];
  #length = 0;
  #dropped = 0;
  /** How many missing lines the text on its way tells of. */
  #telling = 0;
  #scheduled = false;
  /** An open, a write or a reopen is on its way. */
  #busy = false;
  #broken: Error | undefined;
  #gone = false;
  #retry: NodeJS.Timeout | undefined;
  #waiting: {readonly settled: () => boolean; readonly resolve: () => void}[] = [];
  /** How often somebody wanted it opened again, how often that was done, and how much comes before. */
  readonly #reopens = {asked: 0, done: 0, after: 0};
  /** Characters that were ever added; those that are in the sink, or were dropped. */
  #added = 0;
  #through = 0;

  constructor(sink: Sink, options: SinkQueueOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#open();
  }

  /** The sink is full: whoever adds more now should pause until `onDrained`. */
  get blocked(): boolean {
    return this.#options.overflow === 'block' && !this.#broken && this.#busy && this.#length >= FLUSH_AT;
  }

  /** Whole lines, formatted. `spare`: nobody waits who adds them, so there is an end to them in a sink that stands still. */
  add(text: string, {spare = false} = {}): void {
    if (text === '' || this.#gone) return;
    if (spare && this.#length > KEEP) {
      this.#dropped += this.#count(text);
      return;
    }
    this.#texts.push(text);
    this.#length += text.length;
    this.#added += text.length;
    if (this.#length >= FLUSH_AT) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      // Somebody waits for the first line: it goes now, what else comes in this turn after it.
      const later = this.#added === text.length ? queueMicrotask : setImmediate;
      later(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
    if (this.#broken || this.#options.overflow === 'drop') this.#makeRoom();
  }

  flush(): void {
    while (!this.#busy && !this.#retry && !this.#gone) {
      if (this.#reopens.asked > this.#reopens.done && this.#through >= this.#reopens.after) {
        this.#open(() => this.#sink.reopen!());
        return;
      }
      const text = this.#take();
      if (text === '') return;
      const writing = attempt(() => this.#sink.write(text));
      if (writing) {
        this.#busy = true;
        void writing.then(
          () => {
            this.#wrote(text);
            this.#idle();
          },
          (error: SinkWriteError) => this.#failed(error, text),
        );
      } else this.#wrote(text);
    }
  }

  /** Resolves when everything added so far is in the sink, or when the sink has failed. */
  settled(): Promise<void> {
    const added = this.#added;
    return this.#until(() => this.#broken !== undefined || this.#through >= added);
  }

  /** Opens the sink's name again, after everything that was added so far. */
  reopen(): Promise<void> {
    if (!this.#sink.reopen || this.#gone) return Promise.resolve();
    const mine = ++this.#reopens.asked;
    this.#reopens.after = this.#added;
    this.flush();
    return this.#until(() => this.#reopens.done >= mine || this.#broken !== undefined);
  }

  /** Lets go of the sink when everything is in it; a broken one has one more try. The error and the lines that were lost. */
  async close(): Promise<{readonly error: Error; readonly lost: number} | undefined> {
    this.flush();
    await this.settled();
    await this.#until(() => !this.#busy);
    if (this.#retry) {
      this.#open();
      await this.#until(() => this.#retry !== undefined || this.#gone || this.#isEmpty());
    }
    clearTimeout(this.#retry);
    this.#gone = true;
    const failure = await this.#sink.close().catch((reason: Error) => reason);
    const error = this.#broken ?? (failure || undefined);
    return error && {error, lost: this.#dropped + this.#count(this.#texts.join(''))};
  }

  #isEmpty(): boolean {
    return !this.#busy && this.#texts.length === 0 && this.#dropped === 0;
  }

  /** What is written next. '' for nothing. */
  #take(): string {
    this.#telling = this.#dropped;
    this.#dropped = 0;
    if (this.#telling > 0) {
      const text = this.#options.dropped(this.#telling);
      this.#added += text.length;
      return text;
    }
    const text = this.#texts.length === 1 ? this.#texts[0]! : this.#texts.join('');
    this.#texts = [];
    this.#length = 0;
    return text;
  }

  #wrote(text: string): void {
    this.#through += text.length;
    if (this.#broken) {
      this.#broken = undefined;
      this.#options.onRecovered(this.#telling);
    }
    this.#wake();
  }

  #idle(): void {
    this.#busy = false;
    this.flush();
    this.#wake();
    if (!this.blocked) this.#options.onDrained();
  }

  #open(open: () => Promise<void> = () => this.#sink.open()): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#busy = true;
    const {asked} = this.#reopens;
    attempt(open)!.then(
      () => {
        this.#reopens.done = asked;
        this.#idle();
      },
      (error: Error) => this.#failed(error, ''),
    );
  }

  #failed(error: SinkWriteError, text: string): void {
    this.#busy = false;
    const first = this.#broken === undefined;
    this.#broken = error;
    this.#keep(text, Math.min(error.written ?? 0, text.length));
    if (this.#sink.reopens === false) {
      this.#gone = true;
      this.#texts = [];
      this.#length = 0;
    } else {
      this.#makeRoom();
      this.#retry = setTimeout(() => this.#open(), this.#sink.retryMs ?? RETRY_MS);
      this.#retry.unref();
    }
    if (first) this.#options.onFailed(error, this.#gone);
    this.#wake();
    this.#options.onDrained();
  }

  /** Back to the front with what has not arrived. */
  #keep(text: string, written: number): void {
    this.#through += written;
    const rest = text.slice(written);
    if (rest === '') return;
    if (this.#telling > 0) {
      this.#dropped += this.#telling; // told anew
      this.#through += rest.length;
      return;
    }
    this.#texts.unshift(rest);
    this.#length += rest.length;
  }

  #makeRoom(): void {
    while (this.#length > KEEP) {
      const oldest = this.#texts.shift()!;
      this.#length -= oldest.length;
      this.#through += oldest.length;
      this.#dropped += this.#count(oldest);
    }
  }

  #count(text: string): number {
    return this.#sink.count?.(text) ?? text.split('\n').length - 1;
  }

  #until(settled: () => boolean): Promise<void> {
    if (settled()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({settled, resolve}));
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const done = this.#waiting.filter((one) => one.settled());
    this.#waiting = this.#waiting.filter((one) => !done.includes(one));
    for (const {resolve} of done) resolve();
  }
}

function attempt(write: () => Promise<void> | undefined): Promise<void> | undefined {
  try {
    return write();
  } catch (error) {
    return Promise.reject(error);
  }
}
