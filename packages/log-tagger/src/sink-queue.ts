import type {Writable} from 'node:stream';

const FLUSH_AT = 65_536;

/**
 * Batches text for a sink: everything that comes in one turn of the event loop is one write. Never loses its place in a
 * sink that is slow, and never stops anybody for a sink that is broken: what comes after that is dropped.
 */
export class SinkQueue {
  readonly #sink: Writable;
  readonly #onDrained: () => void;
  readonly #onFailed: (error: Error) => void;
  #texts: string[] = [];
  #length = 0;
  #scheduled = false;
  #failed = false;
  #blocked = false;
  /** Writes that were started, and that are in the sink. */
  #started = 0;
  #done = 0;
  #waiting: {readonly write: number; readonly resolve: () => void}[] = [];

  constructor(sink: Writable, on: {readonly drained: () => void; readonly failed: (error: Error) => void}) {
    this.#sink = sink;
    this.#onDrained = on.drained;
    this.#onFailed = on.failed;
    sink.on('drain', this.#drained);
    sink.on('error', this.#fail);
    sink.on('close', this.#closed);
  }

  /** The sink is full: whoever adds more now should pause until `drained`. */
  get blocked(): boolean {
    return this.#blocked;
  }

  add(text: string): void {
    if (text === '' || this.#failed) return;
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length >= FLUSH_AT) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
  }

  flush(): void {
    if (this.#texts.length === 0 || this.#blocked) return;
    const text = this.#texts.join('');
    this.#texts = [];
    this.#length = 0;
    const write = ++this.#started;
    // A sink in object mode would get the text as it is, and not its bytes.
    const chunk = this.#sink.writableObjectMode ? Buffer.from(text, 'latin1') : text;
    const more = this.#sink.write(chunk, 'latin1', (error) => {
      if (error) this.#fail(error);
      else this.#arrived(write);
    });
    // Node says "full" for any write above the high-water mark, also for one that is already done.
    this.#blocked ||= !more && this.#sink.writableLength > 0;
  }

  /** Resolves when everything added so far is in the sink (or the sink has failed). */
  settled(): Promise<void> {
    const write = this.#texts.length > 0 ? this.#started + 1 : this.#started;
    if (this.#failed || write <= this.#done) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({write, resolve}));
  }

  /** Lets go of the sink, which stays open. */
  release(): void {
    this.#sink.off('drain', this.#drained);
    this.#sink.off('close', this.#closed);
    // A broken sink may say so again, and an error that nobody listens to ends the program.
    if (!this.#failed) this.#sink.off('error', this.#fail);
  }

  readonly #drained = (): void => {
    this.#blocked = false;
    this.flush();
    if (!this.#blocked) this.#onDrained();
  };

  readonly #closed = (): void => this.#fail(new Error('it was closed'));

  readonly #fail = (error: Error): void => {
    if (this.#failed) return;
    this.#failed = true;
    this.#texts = [];
    this.#blocked = false;
    this.#arrived(Infinity);
    this.#onFailed(error);
    this.#onDrained();
  };

  #arrived(write: number): void {
    this.#done = write;
    const arrived = this.#waiting.filter((one) => one.write <= write);
    this.#waiting = this.#waiting.filter((one) => one.write > write);
    for (const {resolve} of arrived) resolve();
  }
}
