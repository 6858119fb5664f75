import {once} from 'node:events';
import type {AddressInfo, ListenOptions, Server} from 'node:net';
import type {StepOptions} from '@keelson/step';
import {type Door, putDoor} from './door.ts';
import {type DrainOptions, type DrainReport, drain} from './drain.ts';
import {GracefulFault} from './fault.ts';

export interface GateOptions extends StepOptions {
  /** Where the server listens at once, for its own checks. Default: any free port of 127.0.0.1. */
  readonly private?: ListenOptions | undefined;
}

/** A server that listens privately, and publicly once it is let. Disposing drains it. */
export interface Gate extends AsyncDisposable {
  readonly kind: 'gate';
  /** The private address: a port of loopback, or the path of a unix socket. */
  readonly private: AddressInfo | string;
  /** Accepts public connections from now on. Resolves to the public address. */
  open(): Promise<AddressInfo | string>;
  /** As `drain(server)`, private side included. */
  drain(options?: DrainOptions): Promise<DrainReport>;
}

/**
 * Lets a server start on a private address, and take public traffic only after `open()`: warm up, check, open.
 * @param publicListen as for `server.listen`: port and host, path, or an inherited descriptor (`{fd: 3}`)
 * @throws GracefulFault GRACEFUL_LISTEN
 */
export async function gate(
  server: Server,
  publicListen: ListenOptions & {readonly fd?: number},
  options: GateOptions = {},
): Promise<Gate> {
  options.signal?.throwIfAborted();
  const inside = options.private ?? {port: 0, host: '127.0.0.1'};
  await listening(inside, () => server.listen(inside) && once(server, 'listening', {signal: options.signal}));
  const privateAddress = server.address()!;
  const door: Door = putDoor(server, publicListen, () => door.address());
  const end = async (budget?: DrainOptions): Promise<DrainReport> => {
    const report = await drain(server, budget);
    if (server.listening) await new Promise((resolve) => server.close(resolve));
    return report;
  };
  return {
    kind: 'gate',
    private: privateAddress,
    async open() {
      await listening(publicListen, () => door.open());
      return door.address()!;
    },
    drain: end,
    [Symbol.asyncDispose]: async () => void (await end()),
  };
}

async function listening(
  where: ListenOptions & {readonly fd?: number},
  listen: () => Promise<unknown>,
): Promise<void> {
  try {
    await listen();
  } catch (cause) {
    const {code, message, name} = cause as NodeJS.ErrnoException;
    if (name === 'AbortError') throw (cause as Error).cause;
    const place =
      where.path ?? (where.fd === undefined ? `${where.host ?? ''}:${where.port}` : `descriptor ${where.fd}`);
    throw new GracefulFault('GRACEFUL_LISTEN', `Cannot listen on ${place}: ${message}`, {
      cause,
      hint: code === 'EADDRINUSE' ? 'Another process listens there.' : undefined,
    });
  }
}
