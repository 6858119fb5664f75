import type {Writable} from 'node:stream';

import type {Sink} from '../sink.ts';

/** A Writable of somebody else's, such as stdout. It stays open; when it breaks, it stays broken. */
export function streamSink(stream: Writable): Sink {
  let failure: Error | undefined;
  let pending: ((error?: Error | null) => void) | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    pending?.(error);
  };
  const closed = (): void => fail(new Error('it was closed'));
  return {
    name: nameOf(stream),
    reopens: false,
    async open() {
      stream.on('error', fail);
      stream.on('close', closed);
    },
    write(lines) {
      if (failure) return Promise.reject(failure);
      let done: typeof pending;
      // A stream in object mode would get the text as it is, and not its bytes.
      const chunk = stream.writableObjectMode ? Buffer.from(lines, 'latin1') : lines;
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

function nameOf(stream: Writable): string {
  const {fd, path} = stream as {fd?: unknown; path?: unknown};
  if (fd === 1) return 'stdout';
  if (fd === 2) return 'stderr';
  return typeof path === 'string' ? path : 'a stream';
}
