import {Readable} from 'node:stream';
import type {ReadStream} from 'node:tty';

const QUIET_MS = 1000;
const CHECK_MS = 100;

/** What is printed in a terminal, with the newlines that the program wrote: a terminal makes CR LF of them. */
export class TerminalOutput extends Readable {
  readonly #terminal: ReadStream;
  /** A CR whose LF may be in the next chunk. */
  #pending = '';
  #last = performance.now();

  /** @param rest what can still be read from the terminal when it has ended */
  constructor(terminal: ReadStream, rest: () => Buffer) {
    super();
    this.#terminal = terminal;
    terminal.on('data', (chunk: Buffer) => this.#take(chunk.toString('latin1')));
    // EIO says that nobody has the terminal open any more, and that everything is read (Linux). The end may come earlier:
    // libuv takes a hang-up after a short read for the end, and a terminal never gives more than 4 KiB at once.
    terminal.once('error', () => this.end());
    terminal.once('end', () => {
      this.#take(rest().toString('latin1'));
      this.end();
    });
    terminal.once('close', () => this.end());
  }

  override _read(): void {
    this.#terminal.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#terminal.destroy();
    done(error);
  }

  end(): void {
    if (this.#pending !== '') this.push(Buffer.from(this.#pending, 'latin1'));
    this.#pending = '';
    if (!this.readableEnded && !this.destroyed) this.push(null);
    this.end = () => {};
  }

  /** Somebody who left the process group may keep the terminal open for ever. */
  endWhenQuiet(): void {
    if (this.closed) return;
    const timer = setInterval(() => {
      if (this.readableLength > 0) this.#last = performance.now(); // its reader is slow, and shall lose nothing
      if (performance.now() - this.#last >= QUIET_MS) this.destroy();
    }, CHECK_MS);
    this.once('close', () => clearInterval(timer));
  }

  #take(chunk: string): void {
    this.#last = performance.now();
    const text = this.#pending + chunk;
    this.#pending = text.endsWith('\r') ? '\r' : '';
    const whole = this.#pending === '' ? text : text.slice(0, -1);
    if (whole !== '' && !this.push(Buffer.from(whole.replaceAll('\r\n', '\n'), 'latin1')))
      this.#terminal.pause();
  }
}
