import {dirname} from 'node:path/posix';

import type {Address} from './assign-ports.ts';

/** `denied`: this account may not bind there. */
export type BindResult = 'free' | 'taken' | 'denied';

/** Whether an address can be bound. */
export type BindTest = (address: Address) => Promise<BindResult>;

function resultOf(error: NodeJS.ErrnoException): BindResult {
  if (error.code === 'EADDRINUSE') return 'taken';
  if (error.code === 'EACCES' || error.code === 'EPERM') return 'denied';
  throw error;
}

async function bindUdp(host: string, port: number): Promise<BindResult> {
  const {createSocket} = await import('node:dgram');
  const socket = createSocket(host.includes(':') ? {type: 'udp6', ipv6Only: true} : {type: 'udp4'});
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      settle(() => resultOf(error), {resolve, reject});
    });
    socket.bind({address: host, port, exclusive: true}, () => socket.close(() => resolve('free')));
  });
}

function settle<T>(
  result: () => T,
  {resolve, reject}: {resolve: (value: T) => void; reject: (error: unknown) => void},
): void {
  try {
    resolve(result());
  } catch (error) {
    reject(error);
  }
}

async function listen(
  where: {host: string; port: number; ipv6Only: boolean} | {path: string},
): Promise<BindResult> {
  const {createServer} = await import('node:net');
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => settle(() => resultOf(error), {resolve, reject}));
    server.listen({...where, exclusive: true}, () => server.close(() => resolve('free')));
  });
}

/** A socket file that nobody listens on any more is left over: whoever binds it removes it first. */
async function answers(path: string): Promise<boolean> {
  const {connect} = await import('node:net');
  const socket = connect(path);
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

/** Binds the address for a moment. The folder of a unix socket that isn't there yet is free. Throws what else the system says, as for an address of another machine. */
export const bindTest: BindTest = async (address) => {
  if (address.type !== 'unix') {
    const {type, host, port} = address;
    return type === 'udp' ? bindUdp(host, port) : listen({host, port, ipv6Only: true});
  }
  const {existsSync} = await import('node:fs');
  if (!existsSync(dirname(address.path))) return 'free';
  if (existsSync(address.path)) return (await answers(address.path)) ? 'taken' : 'free';
  return listen({path: address.path});
};
