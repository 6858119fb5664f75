import type {Socket} from 'node:net';

import {sinkError} from './sink-error.ts';
import type {Connection} from './stream-sink.ts';

const CLOSE_MS = 5000;

export interface SocketOptions {
  /** The event that it tells when it is connected. */
  readonly ready: string;
  readonly waitMs: number;
  readonly lost: (error: NodeJS.ErrnoException) => void;
}

/** A socket that has been told to connect, once it has. What the peer says is read and thrown away. */
export function connectionOf(socket: Socket, {ready, waitMs, lost}: SocketOptions): Promise<Connection> {
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return new Promise((resolve, reject) => {
    let reason: NodeJS.ErrnoException | undefined;
    const fail = (error: NodeJS.ErrnoException) => {
      if (reason) return;
      reason = error;
      clearTimeout(late);
      socket.destroy();
      reject(error);
      lost(error);
    };
    const late = setTimeout(() => fail(sinkError('ETIMEDOUT', `no answer within ${waitMs} ms`)), waitMs);
    socket.on('error', fail);
    socket.once('end', () => fail(sinkError('ECONNRESET', 'the peer has closed the connection')));
    socket.once('close', () => fail(sinkError('ECONNRESET', 'the connection is closed')));
    socket.resume();
    socket.once(ready, () => {
      clearTimeout(late);
      socket.setKeepAlive(true, 30_000);
      socket.setNoDelay(true);
      resolve({
        stream: socket,
        destroy: () => void socket.destroy(),
        async close() {
          socket.end();
          const giveUp = setTimeout(() => socket.destroy(), CLOSE_MS);
          await closed;
          clearTimeout(giveUp);
        },
      });
    });
  });
}
