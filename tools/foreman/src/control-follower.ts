import type {Socket} from 'node:net';
import type {LineSplitter} from './control-lines.ts';
import type {DroppedLines, LogLine} from './control-protocol.ts';

/** What may wait for a reader that is slower than the processes. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Sends lines to one reader, never waiting for it. */
export interface Follower {
  send(lines: readonly LogLine[]): void;
  /** A chunk of a process. */
  push(splitter: LineSplitter, kind: LogLine['stream'], chunk: Buffer): void;
}

export function createFollower(socket: Socket): Follower {
  let dropped = 0;
  const write = (values: readonly (LogLine | DroppedLines)[]) => {
    if (values.length > 0 && socket.writable)
      socket.write(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  };
  const tellDropped = () => {
    if (dropped === 0) return;
    write([{dropped}]);
    dropped = 0;
  };
  socket.on('drain', tellDropped);
  const send = (lines: readonly LogLine[]) => {
    tellDropped();
    write(lines);
  };
  return {
    send,
    push(splitter, kind, chunk) {
      if (!socket.writable) return;
      if (socket.writableLength <= MAX_WAITING_BYTES) return send(splitter.push(kind, chunk, Date.now()));
      dropped += splitter.skip(kind, chunk);
    },
  };
}
