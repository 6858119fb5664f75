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

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** Ends the process after everything that was written has left it. */
export async function exitFlushed(code: number): Promise<never> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}
