import {once} from 'node:events';
import {type AddressInfo, type ListenOptions, Server, createServer} from 'node:net';
import {drain} from './drain.ts';
import {methodOf} from './method-of.ts';
import {track, trackedServer} from './tracked-server.ts';

/** The public side of a server that itself listens on a private address. */
export interface Door {
  /** Accepts from now on; connections appear on the server behind the door. Rejects with the error of listen. */
  open(): Promise<void>;
  /** Accepts no more; what came in stays. */
  shut(): void;
  /** Where the door accepts; null unless it is open. */
  address(): AddressInfo | string | null;
  /** It cannot be opened a second time: its descriptor is closed. */
  readonly wasOpen: boolean;
  /** Ready for a server that listens again; not after it was open. */
  renew(): void;
}

// As it was before the preload took its place: the door itself listens on no held port.
const listen = methodOf<Server>(Server.prototype, 'listen');

// What a server asks of its connections lives in these properties; http, https and http2 set them.
const INHERITED = [
  'allowHalfOpen',
  'pauseOnConnect',
  'noDelay',
  'keepAlive',
  'keepAliveInitialDelay',
  'highWaterMark',
];

/**
 * Puts a door before a server: `address()` tells the public address, `close()` drains, `getConnections()` counts
 * what came through the door.
 * @param publicListen where the door listens, for example an inherited descriptor
 * @param address what `server.address()` shall say
 */
export function putDoor(
  server: Server,
  publicListen: ListenOptions,
  address: () => AddressInfo | string | null,
): Door {
  const options = Object.fromEntries(INHERITED.map((name) => [name, Reflect.get(server, name)]));
  const acceptor = createServer(options);
  const tracked = trackedServer(track(server));
  let state: 'closed' | 'open' | 'shut' = 'closed';
  let wasOpen = false;
  let closing = false;
  acceptor.on('connection', (socket) => server.emit('connection', socket));
  acceptor.on('drop', (data) => server.emit('drop', data));
  Object.defineProperty(acceptor, 'maxConnections', {get: () => server.maxConnections});

  const door: Door = {
    async open() {
      if (state !== 'closed') return;
      state = 'open';
      const listening = once(acceptor, 'listening');
      listen.call(acceptor, publicListen);
      await listening;
      wasOpen = true;
      acceptor.on('error', (error) => server.emit('error', error));
    },
    shut() {
      if (state === 'open') Server.prototype.close.call(acceptor);
      state = 'shut';
    },
    address: () => acceptor.address(),
    get wasOpen() {
      return wasOpen;
    },
    renew() {
      state = 'closed';
      closing = false;
      tracked.draining = undefined;
    },
  };

  tracked.stopAccepting = async () => door.shut();
  const close = methodOf<Server>(server, 'close');
  const getConnections = methodOf<void>(server, 'getConnections');
  server.close = function (callback) {
    closing = true;
    drain(server).then(
      () => close.call(server, callback),
      () => close.call(server, callback),
    );
    return this;
  };
  server.getConnections = (callback) => {
    getConnections.call(server, (error: Error | null, own: number) => {
      if (error || state !== 'open') return callback(error, own);
      acceptor.getConnections((problem, through) => callback(problem, own + through));
    });
    return server;
  };
  server.address = () => (server.listening ? address() : null);
  const listening = Object.getOwnPropertyDescriptor(Server.prototype, 'listening');
  Object.defineProperty(server, 'listening', {
    configurable: true,
    get: () => !closing && listening?.get?.call(server),
  });
  return door;
}
