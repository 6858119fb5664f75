import type {ServerProtocol} from '@keelson/graceful';
import {plainStatus} from './plain-status.ts';

export interface HealthTarget {
  /** Path of the worker's private unix socket. */
  readonly socket: string;
  readonly protocol: ServerProtocol;
  readonly path: string;
  /** The public port, for the Host header. */
  readonly port: number;
}

type Ask = (target: HealthTarget, signal: AbortSignal) => Promise<number>;

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

/** @returns undefined when the answer is 2xx, else what is wrong, as the end of "web.1 …" */
export async function checkHealth(target: HealthTarget, timeoutMs: number): Promise<string | undefined> {
  const signal = AbortSignal.timeout(Math.ceil(timeoutMs)); // it takes whole milliseconds only
  try {
    const status = await ask[target.protocol](target, signal);
    return status >= 200 && status < 300 ? undefined : `answered ${status} for GET ${target.path}`;
  } catch (error) {
    if (signal.aborted) return `did not answer GET ${target.path} within ${timeoutMs} ms`;
    return `did not answer GET ${target.path}: ${(error as Error).message}`;
  }
}

async function http2Status(
  {path, port}: HealthTarget,
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
