import type {IncomingMessage} from 'node:http';
import type {ServerHttp2Session} from 'node:http2';
import type {Server, Socket} from 'node:net';
import type {DrainReport} from './drain.ts';
import {GracefulFault} from './fault.ts';
import {methodOf} from './method-of.ts';

/** One open connection of a tracked server, and what is spoken on it. */
export interface Connection {
  readonly socket: Socket;
  protocol: 'http' | 'http2' | 'websocket' | 'upgraded' | 'other';
  /** Bytes that were written when it stopped to be HTTP. */
  upgradedAt: number | undefined;
  session: ServerHttp2Session | undefined;
}

/** What we know of a server from the moment it was tracked. */
export interface TrackedServer {
  readonly connections: Map<Socket, Connection>;
  /** TCP connections of a TLS server; those still in their handshake have no entry in `connections`. */
  readonly raw: Set<Socket>;
  /** How many connections came in so far. */
  accepted: number;
  /** Resolves when no connection is open. */
  empty(): Promise<void>;
  /** How accepting stops; a door replaces it, because its connections come in elsewhere. */
  stopAccepting: (() => Promise<void>) | undefined;
  draining: Promise<DrainReport> | undefined;
}

const tracked = new WeakMap<Server, TrackedServer>();

// Neither http2 server class is exported, so what the server can do tells what it is.
const isTls = (server: Server): boolean => 'setSecureContext' in server;
const isHttp2 = (server: Server): boolean => 'updateSettings' in server;

/** Which protocol a health check has to speak to this server. */
export type ServerProtocol = 'http' | 'https' | 'http2' | 'http2s' | 'other';

export function protocolOf(server: Server): ServerProtocol {
  if (isHttp2(server)) return isTls(server) ? 'http2s' : 'http2';
  if (!('headersTimeout' in server)) return 'other';
  return isTls(server) ? 'https' : 'http';
}

/**
 * Watches a server's connections, so that `drain` can tell idle ones from busy ones later. Call it before the
 * first connection, that is right after the server was created or told to listen. Costs nothing per request.
 * @returns the same server
 */
export function track<S extends Server>(server: S): S {
  if (tracked.has(server)) return server;
  const connections = new Map<Socket, Connection>();
  const raw = new Set<Socket>();
  const waiting: (() => void)[] = [];
  const isEmpty = (): boolean => connections.size === 0 && raw.size === 0;
  const wake = (): void => {
    if (waiting.length > 0 && isEmpty()) waiting.splice(0).forEach((resolve) => resolve());
  };
  const empty = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      wake();
    });
  const state: TrackedServer = {
    connections,
    raw,
    accepted: 0,
    empty,
    stopAccepting: undefined,
    draining: undefined,
  };
  tracked.set(server, state);
  let latest: Connection | undefined;
  const protocol = protocolOf(server) === 'other' ? 'other' : 'http';

  // One listener for all sockets, and no `once`: a closure and a wrapper for each connection would be a tenth of its cost.
  const remove = function (this: Socket): void {
    connections.delete(this);
    raw.delete(this);
    wake();
  };
  const add = (socket: Socket): void => {
    latest = {socket, protocol, session: undefined, upgradedAt: undefined};
    connections.set(socket, latest);
    state.accepted++;
    socket.on('close', remove);
  };
  const addRaw = (socket: Socket): void => {
    raw.add(socket);
    state.accepted++;
    socket.on('close', remove);
  };

  // Before the server's own listeners: http2 emits 'session' from inside of its one, for the latest socket.
  server.prependListener('connection', isTls(server) ? addRaw : add);
  if (isTls(server)) server.prependListener('secureConnection', add);
  server.on('session', (session: ServerHttp2Session) => {
    if (latest) Object.assign(latest, {protocol: 'http2', session});
  });
  const noteUpgrade = (event: 'upgrade' | 'connect', {headers, socket}: IncomingMessage): void => {
    const isWebSocket = event === 'upgrade' && headers.upgrade?.toLowerCase() === 'websocket';
    const connection = connections.get(socket);
    if (!connection) return;
    connection.protocol = isWebSocket ? 'websocket' : 'upgraded';
    connection.upgradedAt = socket.bytesWritten;
  };
  // A listener of our own for 'upgrade' would make Node treat requests as upgrades that the app wants ignored.
  const emit = methodOf<boolean>(server, 'emit');
  server.emit = function (this: S, event: string | symbol, request?: unknown) {
    if (event === 'upgrade' || event === 'connect') noteUpgrade(event, request as IncomingMessage);
    // Every request comes through here: `arguments` as they are cost nothing.
    return Reflect.apply(emit, this, arguments);
  } as typeof server.emit;

  return server;
}

/** @throws GracefulFault GRACEFUL_NOT_TRACKED */
export function trackedServer(server: Server): TrackedServer {
  const found = tracked.get(server);
  if (found) return found;
  throw new GracefulFault(
    'GRACEFUL_NOT_TRACKED',
    'This server was never tracked, so its connections are unknown',
    {
      hint: 'Call track(server) right after the server is created or told to listen.',
    },
  );
}
