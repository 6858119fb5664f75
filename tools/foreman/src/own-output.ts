import type {WriteStream} from 'node:tty';

/**
 * A standard stream that is only ours to write to and to fail: its reader may go away, which ends the processes in order and
 * not us at once; and a terminal that does not take our lines (Ctrl-S, a slow connection) does not keep us from hearing signals.
 */
export function ownOutput(stream: WriteStream): WriteStream {
  stream.removeAllListeners('error');
  // Node sets terminals to blocking, and has no public way to set them back.
  const {_handle: handle} = stream as {_handle?: {setBlocking?: (on: boolean) => number}};
  if (stream.isTTY) handle?.setBlocking?.(false);
  return stream;
}
