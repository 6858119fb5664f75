import type {WriteStream} from 'node:tty';

/**
 * A standard stream that is only ours to write to and to fail: its reader may go away, which ends the processes in order and
 * not us at once; and a terminal that does not take our lines (Ctrl-S, a slow connection) does not keep us from hearing signals.
 */
export function ownOutput(stream: WriteStream): WriteStream {
  stream.removeAllListeners('error');
  if (stream.isTTY) setBlocking(stream, false);
  return stream;
}

/** A standard stream that a command of ours inherits: Node sets pipes to non-blocking, which no other program expects. */
export function passOn(stream: WriteStream): void {
  if (!stream.isTTY) setBlocking(stream, true);
}

/** Node has no public way to say it. */
function setBlocking(stream: WriteStream, on: boolean): void {
  const {_handle: handle} = stream as {_handle?: {setBlocking?: (on: boolean) => number} | null};
  handle?.setBlocking?.(on);
}
