import type {Readable} from 'node:stream';

const QUIET_MS = 1000;
const CHATTY_MS = 3000;

/**
 * For when the group is gone: a process outside of it (a daemon) may still hold the pipe. What was written is read;
 * then, after a second without data (three, if it keeps writing), the stream ends as if the pipe had been closed.
 */
export function endWhenQuiet(stream: Readable): void {
  if (stream.readableEnded || stream.destroyed) return;
  const since = performance.now();
  let last = since;
  stream.on('data', () => (last = performance.now()));
  const timer = setInterval(() => {
    if (stream.readableLength > 0) return; // its reader is slow, and shall lose nothing
    const now = performance.now();
    if (now - last >= QUIET_MS || now - since >= CHATTY_MS) stream.push(null);
  }, 100);
  stream.once('close', () => clearInterval(timer));
}
