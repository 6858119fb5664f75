import type {ServerProtocol} from '@keelson/graceful';
import {plainStatus} from './plain-status.ts';

export interface HealthTarget {
  /** Path of the worker's private unix socket. */
  readonly socket: string;
  readonly protocol: ServerProtocol;
  /** Undefined: nobody has said which. */
  readonly path: string | undefined;
  /** The public port, for the Host header. */
  readonly port: number;
}

type Ask = (target: HealthTarget & {readonly path: string}, signal: AbortSignal) => Promise<number>;

/**
 * The status code that each protocol's GET gets; it has nothing to do with trust, so certificates are not checked. Modules are loaded
 * when they are needed: most supervisors never ask but over a plain socket, and what they do not load takes no memory.
 */
const ask = {
  http: async (target, signal) => {
    const net = await import('node:net');
    return plainStatus(net.connect(target.socket), target, signal);
  },
  https: async (target, signal) => {
    const tls = await import('node:tls');
    const socket = tls.connect({path: target.socket, ALPNProtocols: ['http/1.1'], rejectUnauthorized: false});
    return plainStatus(socket, target, signal);
  },
  http2: async (target, signal) => {
    const net = await import('node:net');
    return http2Status(target, signal, () => net.connect(target.socket));
  },
  http2s: async (target, signal) => {
    const tls = await import('node:tls');
    const options = {path: target.socket, ALPNProtocols: ['h2'], rejectUnauthorized: false};
    return http2Status(target, signal, () => tls.connect(options));
  },
  // Nothing is known of its protocol: that it listens has to do.
  other: async () => 200,
} satisfies Record<ServerProtocol, Ask>;

/**
 * A path that somebody has named has to answer 2xx. Without one `/` is asked, which not every app has (a redirect to its login, the 404 of an
 * API, the 426 of a WebSocket server): it only must not be a server error.
 * @returns undefined when it passes, else what is wrong, as the end of "web.1 …"
 */
export async function checkHealth(target: HealthTarget, timeoutMs: number): Promise<string | undefined> {
  const signal = AbortSignal.timeout(Math.ceil(timeoutMs)); // it takes whole milliseconds only
  const {path = '/'} = target;
  try {
    const status = await ask[target.protocol]({...target, path}, signal);
    const passes = status >= 200 && status < (target.path === undefined ? 500 : 300);
    return passes ? undefined : `answered ${status} for GET ${path}`;
  } catch (error) {
    if (signal.aborted) return `did not answer GET ${path} within ${timeoutMs} ms`;
    return `did not answer GET ${path}: ${(error as Error).message}`;
  }
}

async function http2Status(
  {path, port}: {readonly path: string; readonly port: number},
  signal: AbortSignal,
  createConnection: () => import('node:stream').Duplex,
): Promise<number> {
  const {connect} = await import('node:http2');
  const session = connect(`http://127.0.0.1:${port}`, {createConnection});
  try {
    return await new Promise<number>((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request({':path': path, 'user-agent': 'keelson-health'}, {signal});
      stream.on('response', (headers) => resolve(Number(headers[':status'])));
      stream.on('error', reject);
      stream.resume().end();
    });
  } finally {
    session.destroy();
  }
}
