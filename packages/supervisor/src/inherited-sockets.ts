import net from 'node:net';
import {SupervisorFault} from './fault.ts';
import type {HeldSocket} from './held-socket.ts';

/** A listening socket that the service manager has bound. */
export interface InheritedSocket extends HeldSocket {
  /** Of LISTEN_FDNAMES; `unknown` when nobody named it. */
  readonly name: string;
}

interface OpenHandle {
  getsockname?(out: {address?: string; port?: number}): number;
}

type OpenDescriptor = (address: null, port: null, family: null, fd: number) => OpenHandle | number;

/** The first descriptor that sd_listen_fds(3) passes. */
const FIRST = 3;

/**
 * What sd_listen_fds(3) says that this process was given. They are never closed: the next start gets the same ones.
 * @throws SupervisorFault SUPERVISOR_SOCKETS, for a descriptor that is no listening socket
 */
export function inheritedSockets(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): readonly InheritedSocket[] {
  const count = Number(env['LISTEN_FDS'] ?? 0);
  if (Number(env['LISTEN_PID']) !== pid || !Number.isInteger(count)) return [];
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':');
  const open = Reflect.get(net, '_createServerHandle') as OpenDescriptor;
  return Array.from({length: count}, (_, at) => {
    const fd = FIRST + at;
    const handle = open(null, null, null, fd);
    const address: {address?: string; port?: number} = {};
    // Of a unix socket there is no port: an instance takes it by its name, or as the only one.
    const isUnix = typeof handle !== 'number' && handle.constructor.name === 'Pipe';
    if (typeof handle === 'number' || (!isUnix && handle.getsockname?.(address) !== 0)) {
      throw new SupervisorFault(
        'SUPERVISOR_SOCKETS',
        `Descriptor ${fd} from the service manager is no TCP and no unix socket`,
        {
          hint: 'ListenStream= of the socket unit takes a port, an address and a port, or a path.',
        },
      );
    }
    return {
      fd,
      name: names[at] || 'unknown',
      host: address.address ?? '',
      port: address.port ?? 0,
      close() {},
    };
  });
}

/**
 * The socket that an instance is to take: the one with its name (`web.1`) or type (`web`), else the one on its port, else the
 * only one there is for the only instance.
 */
export function socketFor(
  instance: {readonly name: string; readonly type: string; readonly port: number},
  sockets: readonly InheritedSocket[],
  instances: number,
): InheritedSocket | undefined {
  return (
    sockets.find(({name}) => name === instance.name) ??
    (instances === 1 ? sockets.find(({name}) => name === instance.type) : undefined) ??
    sockets.find(({port}) => port !== 0 && port === instance.port) ??
    (instances === 1 && sockets.length === 1 ? sockets[0] : undefined)
  );
}
