import {once} from 'node:events';
import type {Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {ReceiverFault} from './fault.ts';

/** Faults: RECEIVER_CANNOT_LISTEN. */
export async function listen(
  server: Server,
  host: string,
  port: number,
): Promise<{readonly host: string; readonly port: number}> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const {code = ''} = error as NodeJS.ErrnoException;
    throw new ReceiverFault(
      'RECEIVER_CANNOT_LISTEN',
      `cannot listen on ${host} port ${port}: ${WHY[code] ?? code}`,
      {
        hint: code === 'EADDRINUSE' ? 'Choose another port, or 0 for a free one.' : undefined,
        cause: error,
      },
    );
  }
  return {host, port: (server.address() as AddressInfo).port};
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'this user may not (ports below 1024 belong to root)',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such name',
};
