import {fstatSync, writeSync} from 'node:fs';
import type {Writable} from 'node:stream';

import type {Sink} from '../sink.ts';

type Done = (error?: Error | null) => void;

/** A Writable of somebody else's, such as stdout. It stays open; when it breaks, it stays broken. */
export function streamSink(stream: Writable): Sink {
  const pipe = pipeOf(stream);
  let buffer = Buffer.alloc(0);
  let failure: Error | undefined;
  let pending: Done | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    pending?.(error);
  };
  const closed = (): void => fail(new Error('it was closed'));

  /** The bytes that the stream still has to write; they are ours again when it has. */
  const rest = (lines: string): string | Buffer => {
    if (pipe !== undefined && stream.writableLength === 0) {
      if (buffer.length < lines.length) buffer = Buffer.allocUnsafeSlow(lines.length * 2);
      const bytes = buffer.subarray(0, buffer.write(lines, 'latin1'));
      return bytes.subarray(written(pipe, bytes));
    }
    // A stream in object mode would get the text as it is, and not its bytes.
    return stream.writableObjectMode ? Buffer.from(lines, 'latin1') : lines;
  };

  return {
    name: nameOf(stream),
    reopens: false,
    async open() {
      stream.on('error', fail);
      stream.on('close', closed);
    },
    write(lines) {
      if (failure) return Promise.reject(failure);
      const chunk = rest(lines);
      if (chunk.length === 0) return undefined;
      let done: Done | undefined;
      stream.write(chunk, 'latin1', (error) => done?.(error));
      if (stream.writableLength === 0 && !stream.errored) return undefined;
      return new Promise((resolve, reject) => {
        done = pending = (error) => {
          pending = undefined;
          if (error) reject(error);
          else resolve();
        };
      });
    },
    async close() {
      stream.off('close', closed);
      // A broken stream may say so again, and an error that nobody listens to ends the program.
      if (!failure) stream.off('error', fail);
    },
  };
}

/** The descriptor of stdout or stderr when that is a pipe: Node has set it to non-blocking. */
function pipeOf(stream: Writable): number | undefined {
  if (stream !== process.stdout && stream !== process.stderr) return undefined;
  const {fd} = stream as typeof process.stdout;
  // Not as plain numbers: Node's realpath looks at those of the latest stat, and then leaves links unresolved in what is imported.
  return fstatSync(fd, {bigint: true}).isFIFO() ? fd : undefined;
}

/** How much of it goes into the pipe at once, without the stream's ado. */
function written(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch {
    return 0; // it is full, or broken: the stream waits, or says so
  }
}

function nameOf(stream: Writable): string {
  const {fd, path} = stream as {fd?: unknown; path?: unknown};
  if (fd === 1) return 'stdout';
  if (fd === 2) return 'stderr';
  return typeof path === 'string' ? path : 'a stream';
}
