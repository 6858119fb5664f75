import {lookup} from 'node:dns';
import {Agent, createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {createServer as createSecureServer} from 'node:https';
import type {AddressInfo, LookupFunction, Socket} from 'node:net';
import type {Duplex} from 'node:stream';
import {ProxyServer} from 'http-proxy-3';
import {ForemanFault} from '../fault.ts';

export interface ProxyTarget {
  /** `localhost` may be IPv4 or IPv6: whichever answers. */
  readonly host: string;
  readonly port: number;
}

export interface ListeningProxy extends AsyncDisposable {
  readonly port: number;
  /** For what is no plain request: CONNECT. */
  readonly server: Server;
}

export interface ProxyAddress {
  readonly host: string;
  readonly port: number;
  readonly tls?: {readonly key: Buffer; readonly cert: Buffer} | undefined;
}

export interface ProxyRoute {
  /** Adds x-forwarded-for, -port, -proto and -host. */
  readonly forwardedHeaders: boolean;
  /** Where a request goes; it may change the request's URL. A text: nowhere, and why. */
  target(request: IncomingMessage): ProxyTarget | string;
}

/** Both of them, whatever /etc/hosts knows: Node takes the first that answers. */
export const findAddress: LookupFunction = (name, options, done) => {
  if (name !== 'localhost' || !options.all) return lookup(name, options, done);
  const both = [
    {address: '127.0.0.1', family: 4},
    {address: '::1', family: 6},
  ];
  return done(null, both);
};

/** What waits longer for the end is cut off. */
const FAREWELL_MS = 500;

/** An http (or https) server that sends every request and WebSocket on. Throws FOREMAN_PROXY. */
export async function listenAsProxy(address: ProxyAddress, route: ProxyRoute): Promise<ListeningProxy> {
  const proxy = new ProxyServer({xfwd: route.forwardedHeaders, agent: new Agent({lookup: findAddress})});
  const sockets = new Set<Socket>();
  // An answer that breaks off has to break off for the client, too: it would wait for the rest.
  proxy.on('proxyRes', (answer, _, response) => void answer.once('error', () => response.destroy()));
  proxy.on('error', () => {}); // each request has its own way of hearing of it

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const target = route.target(request);
    if (typeof target === 'string') return refuse(response, 503, target);
    proxy.web(request, response, {target}, (error) => refuse(response, 502, whyBroken(target, error)));
  };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const target = route.target(request);
    socket.on('error', () => socket.destroy());
    if (typeof target === 'string') return refuseUpgrade(socket, 503, target);
    proxy.ws(request, socket, head, {target}, (error) =>
      refuseUpgrade(socket, 502, whyBroken(target, error)),
    );
  };

  const {tls} = address;
  const server: Server = tls === undefined ? createServer(onRequest) : createSecure(tls, onRequest);
  server.on('upgrade', onUpgrade).on('clientError', (_, socket) => socket.destroy());
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await listen(server, address);
  return {
    server,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      const cutOff = setTimeout(() => sockets.forEach((socket) => socket.destroy()), FAREWELL_MS);
      await closed;
      clearTimeout(cutOff);
      for (const socket of sockets) socket.destroy(); // WebSockets are none of the server's any more
    },
  };
}

function createSecure(
  tls: NonNullable<ProxyAddress['tls']>,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  try {
    return createSecureServer({...tls}, onRequest);
  } catch (error) {
    throw new ForemanFault(
      'FOREMAN_PROXY',
      `the certificate or its key cannot be used: ${(error as Error).message}`,
      {
        hint: '--ssl-cert and --ssl-key name PEM files that belong together.',
        cause: error,
      },
    );
  }
}

async function listen(server: Server, {host, port}: ProxyAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve).once('error', reject);
    server.listen(port, host);
  }).catch((error: NodeJS.ErrnoException) => {
    const hint = {
      EACCES: 'Ports below 1024 are for root: use a higher one.',
      EADDRINUSE: 'Another program has it: choose another port, or stop that program.',
    }[error.code ?? ''];
    throw new ForemanFault('FOREMAN_PROXY', `no proxy on ${host}:${port}: ${error.message}`, {
      hint,
      cause: error,
    });
  });
  server.on('error', () => {}); // EMFILE while accepting
}

function whyBroken({host, port}: ProxyTarget, error: Error): string {
  const {code} = error as NodeJS.ErrnoException;
  return `Upstream Proxy Error: ${host}:${port} ${code === 'ECONNREFUSED' ? 'does not listen (yet)' : `failed: ${error.message}`}`;
}

function refuse(response: ServerResponse, status: number, because: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    ...(status === 503 ? {'retry-after': '1'} : {}),
  });
  response.end(`${because}\n`);
}

function refuseUpgrade(socket: Duplex, status: number, because: string): void {
  // It has become a WebSocket: no place for words any more.
  if ((socket as Socket).bytesWritten > 0) return void socket.destroy();
  const reason = status === 503 ? 'Service Unavailable' : 'Bad Gateway';
  const head = `HTTP/1.1 ${status} ${reason}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n`;
  if (socket.writable)
    socket.end(`${head}Content-Length: ${Buffer.byteLength(because) + 1}\r\n\r\n${because}\n`);
}
