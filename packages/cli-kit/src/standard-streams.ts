/** stderr whose reader may go away: what cannot be told is dropped, the work goes on. */
let talk: NodeJS.WriteStream | undefined;

export function talkStream(): NodeJS.WriteStream {
  if (talk === undefined) {
    talk = process.stderr;
    talk.on('error', () => undefined);
  }
  return talk;
}

/** Calls `then` when the reader of stdout has gone away (`| head`). */
export function onStdoutClosed(then: () => void): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    then();
  });
}

// A reader that takes nothing for so long is not coming back; one that is merely slow gets the time it needs.
const STALLED_MS = 2000;

/** Resolves when everything that was written has left, or when the reader has stopped reading. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    let waiting = stream.writableLength;
    const watch = setInterval(() => {
      if (stream.writableLength === waiting) done();
      waiting = stream.writableLength;
    }, STALLED_MS);
    const done = () => {
      clearInterval(watch);
      resolve();
    };
    stream.write('', done);
  });
}

/** Ends the process after everything that was written has left it; a reader that does not read cannot hold the end up. */
export async function exitFlushed(code: number): Promise<never> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}
