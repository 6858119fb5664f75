import net from 'node:net';
import {getSystemErrorName} from 'node:util';
import {SupervisorFault} from './fault.ts';

/** A port that is bound and never accepted on: workers inherit the descriptor, listen and accept. */
export interface HeldSocket {
  readonly fd: number;
  readonly host: string;
  readonly port: number;
  close(): void;
}

interface BoundHandle {
  readonly fd: number;
  getsockname(out: {port?: number}): number;
  close(): void;
}

/** node:cluster's own way to bind, and the only one in JavaScript that does not accept. Node 20 to 26 have it. */
type CreateServerHandle = (address: string, port: number, family: 4 | 6) => BoundHandle | number;

/**
 * Binds a port. The kernel answers connections with a refusal until the first worker listens on it; from then on they
 * queue in its backlog, whether a worker lives or not, until `close`.
 * @throws SupervisorFault SUPERVISOR_PORT_IN_USE, SUPERVISOR_PORT_DENIED, SUPERVISOR_HOST
 */
export function holdSocket(host: string, port: number): HeldSocket {
  const address = host === 'localhost' ? '127.0.0.1' : host;
  const family = net.isIP(address);
  if (family === 0) {
    throw new SupervisorFault(
      'SUPERVISOR_HOST',
      `Cannot bind ${JSON.stringify(host)}: it is not an IP address`,
      {
        hint: 'Use 127.0.0.1, 0.0.0.0, :: or the address of an interface.',
      },
    );
  }
  const create = Reflect.get(net, '_createServerHandle') as CreateServerHandle;
  const handle = create(address, port, family as 4 | 6);
  if (typeof handle === 'number') throw notBound(address, port, handle);
  // libuv reports EADDRINUSE late: until `listen`, a socket that got another port or none is the only sign of it.
  const name: {port?: number} = {};
  const error = handle.getsockname(name);
  if (error !== 0 || (port !== 0 && name.port !== port)) {
    handle.close();
    throw notBound(address, port, 0);
  }
  return {fd: handle.fd, host: address, port: name.port ?? port, close: () => handle.close()};
}

function notBound(host: string, port: number, errno: number): SupervisorFault {
  const name = errno === 0 ? 'EADDRINUSE' : getSystemErrorName(errno);
  if (name === 'EACCES') {
    return new SupervisorFault('SUPERVISOR_PORT_DENIED', `Not allowed to bind ${host}:${port}`, {
      hint: 'Ports below 1024 belong to root: use a higher one, behind a proxy or a redirect.',
    });
  }
  if (name === 'EADDRNOTAVAIL') {
    return new SupervisorFault(
      'SUPERVISOR_HOST',
      `Cannot bind ${host}:${port}: no interface of this machine has that address`,
    );
  }
  const because = name === 'EADDRINUSE' ? 'another process listens on it' : name;
  return new SupervisorFault('SUPERVISOR_PORT_IN_USE', `Cannot bind ${host}:${port}: ${because}`, {
    hint: `Stop that process (ss -ltnp 'sport = :${port}' shows it) or use another port.`,
  });
}
