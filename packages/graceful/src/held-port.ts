import {type AddressInfo, type ListenOptions, Server} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {answerHealth} from './answer-health.ts';
import {type Door, putDoor} from './door.ts';
import {drain, type DrainOptions, type DrainReport} from './drain.ts';
import {GracefulFault} from './fault.ts';
import type {GateSettings} from './gate-environment.ts';
import type {FromWorker} from './gate-message.ts';
import {type ListenTarget, listenTarget} from './listen-target.ts';
import {methodOf} from './method-of.ts';
import {protocolOf, track} from './tracked-server.ts';
import {turnAway} from './turn-away.ts';

const MOST_CLOSED_MS = 1000;
const PAUSE_MS = 20;

/** The servers of this process, as its preload sees them. */
export interface ProcessServers {
  /** Lets the server of the held port accept. */
  open(): Promise<void>;
  /** Drains and closes all servers. */
  drain(options: DrainOptions): Promise<DrainReport[]>;
  /** From now on the health path says 503, and with `reply` every new request does. A drain does the former, too. */
  leave(reply?: 503): void;
}

interface Held {
  readonly server: Server;
  readonly door: Door;
  readonly host: string | undefined;
}

/**
 * From now on `listen(PORT)` of any server means the held port: the server listens on a private unix socket, and on
 * the inherited descriptor once it is opened. All other ports stay as they are. Every server is tracked for a drain.
 * @param held undefined: no port is held, only track
 * @param broken why the held port cannot be used; `listen(PORT)` fails with it
 */
export function watchServers(
  held: GateSettings | undefined,
  tell: (message: FromWorker) => void,
  broken?: string,
): ProcessServers {
  const listen = methodOf<Server>(Server.prototype, 'listen');
  const servers = new Set<Server>();
  let current: Held | undefined;
  let sockets = 0;
  let leaving = false;
  const withHealth = new WeakSet<Server>();

  const listenPrivately = (server: Server, target: ListenTarget, callback: unknown): Server => {
    const problem = broken ?? (current && whyNot(current, server, target));
    if (problem) return failLater(server, target, problem);
    const socket = held!.socket + (sockets++ === 0 ? '' : `.${sockets}`);
    // Some frameworks bind each address of "localhost": the first one has the door, the others are content to listen.
    const isAlias = current !== undefined && current.server !== server && current.server.listening;
    if (!isAlias) {
      const address: AddressInfo = {
        address: held!.host,
        family: held!.host.includes(':') ? 'IPv6' : 'IPv4',
        port: held!.port,
      };
      const same = current?.server === server ? current.door : undefined;
      same?.renew();
      const door = same ?? putDoor(server, publicListen(held!), () => address);
      current = {server, door, host: target.host};
      server.once('listening', () => tell({keelson: 'listening', socket, protocol: protocolOf(server)}));
      server.once('close', () => tell({keelson: 'closed', socket}));
    }
    servers.add(track(server));
    if (held!.healthPath !== undefined && !withHealth.has(server)) {
      withHealth.add(server);
      answerHealth(server, held!.healthPath, () => !leaving);
    }
    const values = [{path: socket, signal: target.signal, exclusive: true}, callback].filter(
      (value) => value !== undefined,
    );
    return listen.apply(server, values);
  };

  Server.prototype.listen = function (this: Server, ...values: unknown[]): Server {
    const target = listenTarget(values);
    const callback = values.findLast((value) => typeof value === 'function');
    if (held && target?.port === held.port) return listenPrivately(this, target, callback);
    track(this).once('listening', () => {
      servers.add(this);
      const address = this.address();
      if (typeof address !== 'object' || address === null) return;
      tell({keelson: 'elsewhere', port: address.port});
    });
    return listen.apply(this, values);
  } as typeof Server.prototype.listen;

  return {
    async open() {
      // Some close their server once it listens, and listen again.
      for (let waited = 0; current?.server.listening === false && waited < MOST_CLOSED_MS; waited += PAUSE_MS)
        await sleep(PAUSE_MS);
      if (!current?.server.listening)
        throw new GracefulFault(
          'GRACEFUL_LISTEN',
          `nothing listens on port ${held?.port} any more: only a server of the process itself can, not workers that it forks with node:cluster`,
        );
      await current.door.open();
    },
    leave(reply) {
      leaving = true;
      if (reply !== undefined) for (const server of servers) turnAway(server);
    },
    async drain(options) {
      leaving = true;
      const reports = await Promise.all([...servers].map((server) => drain(server, options)));
      for (const server of servers) if (server.listening) server.close();
      return reports;
    },
  };
}

/** With a host and a port the primary of node:cluster is asked. */
function publicListen({fd, host, port}: GateSettings): ListenOptions {
  return fd === undefined ? {host, port} : ({fd} as object);
}

/** Why a server cannot take over the held port from the one that has it. */
function whyNot(current: Held, server: Server, target: ListenTarget): string | undefined {
  if (current.door.wasOpen)
    return 'the port was closed after it took traffic; only a new process can take it again';
  const taken = current.server !== server && current.server.listening && current.host === target.host;
  return taken ? 'another server of this process listens on it' : undefined;
}

function failLater(server: Server, {host, port}: ListenTarget, because: string): Server {
  const error = Object.assign(new Error(`listen EADDRINUSE: port ${port}: ${because}`), {
    code: 'EADDRINUSE',
    errno: -98,
    syscall: 'listen',
    address: host,
    port,
  });
  process.nextTick(() => server.emit('error', error));
  return server;
}
