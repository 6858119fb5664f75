import {connect} from 'node:net';
import type {Reach} from '../runtime.ts';

const ATTEMPT_MS = 2000;

/** Why nothing answers there; undefined: something takes connections. */
export function whyNotListening(reach: Reach): Promise<string | undefined> {
  const to = 'socketPath' in reach ? {path: reach.socketPath} : {host: reach.host, port: reach.port};
  return new Promise((resolve) => {
    const socket = connect(to);
    const end = (because?: string) => {
      socket.destroy();
      resolve(because);
    };
    socket.setTimeout(ATTEMPT_MS, () => end('no connection within 2 s'));
    socket.once('connect', () => end());
    socket.once('error', (error) => end(`no connection: ${(error as NodeJS.ErrnoException).code}`));
  });
}
