import {subscribe, unsubscribe} from 'node:diagnostics_channel';
import type {ServerResponse} from 'node:http';
import type {Socket} from 'node:net';
import {setImmediate as nextLoop, setTimeout as sleep} from 'node:timers/promises';
import {endEventStream, isEventStream} from './end-event-stream.ts';
import {makeLast} from './last-response.ts';
import {type Http2Farewell, leaveHttp2} from './leave-http2.ts';
import {leaveUpgraded} from './leave-upgraded.ts';
import type {Connection, TrackedServer} from './tracked-server.ts';

const SWEEP_MS = 100;
const QUEUE_MS = 10;
const MOST_QUEUE_MS = 1000;

interface Budgets {
  readonly stopAccepting: () => Promise<void>;
  readonly idleMs: number;
  readonly graceMs: number;
  readonly upgradedMs: number;
  readonly closeCode: number;
  readonly signal: AbortSignal | undefined;
}

interface Seen {
  idleSince: number;
  bytesRead: number;
  /** When the first bytes of an incomplete request came in. */
  partialSince: number | undefined;
  latest: ServerResponse | undefined;
  readonly http2: Http2Farewell;
  leaving: boolean;
}

/** Stops accepting and sees every connection of a server off; resolves when none is left. */
export async function endConnections(tracked: TrackedServer, budgets: Budgets) {
  const counts = {connections: tracked.connections.size, answered: 0, cut: 0};
  const seen = new WeakMap<Socket, Seen>();
  const began = performance.now();

  const see = (socket: Socket): Seen => {
    let found = seen.get(socket);
    if (!found) {
      found = {
        idleSince: performance.now(),
        bytesRead: socket.bytesRead,
        partialSince: undefined,
        latest: undefined,
        http2: {},
        leaving: false,
      };
      seen.set(socket, found);
    }
    return found;
  };
  const answerLast = (response: ServerResponse, socket: Socket): void => {
    const at = see(socket);
    at.latest = response;
    makeLast(response, () => at.latest === response);
    response.once('close', () => {
      if (response.writableFinished) counts.answered++;
    });
  };
  const onRequest = (message: unknown): void => {
    const {response, socket} = message as {response: ServerResponse; socket: Socket};
    if (tracked.connections.has(socket)) answerLast(response, socket);
  };

  subscribe('http.server.request.start', onRequest);
  try {
    for (const {socket} of tracked.connections.values()) {
      const response = responseInFlight(socket);
      if (response) answerLast(response, socket);
      else see(socket);
    }
    await emptyQueue(tracked, began + Math.min(MOST_QUEUE_MS, budgets.graceMs));
    const closed = budgets.stopAccepting();
    while (tracked.connections.size > 0 || tracked.raw.size > 0) {
      budgets.signal?.throwIfAborted();
      const now = performance.now();
      const elapsed = now - began;
      for (const connection of tracked.connections.values()) {
        const moment = {...budgets, now, elapsed, onCut: () => void counts.cut++};
        endWhenDue(connection, see(connection.socket), moment);
      }
      // What is left of a TLS server without a connection of its own never finished its handshake.
      if (tracked.connections.size === 0 && elapsed >= budgets.idleMs)
        tracked.raw.forEach((socket) => socket.destroy());
      const sweep = new AbortController();
      await Promise.race([
        tracked.empty(),
        sleep(SWEEP_MS, undefined, {signal: sweep.signal}).catch(() => {}),
      ]);
      sweep.abort();
    }
    await closed;
  } catch (error) {
    for (const {socket} of tracked.connections.values()) socket.destroy();
    tracked.raw.forEach((socket) => socket.destroy());
    throw error;
  } finally {
    unsubscribe('http.server.request.start', onRequest);
  }
  return counts;
}

/**
 * The kernel has told the clients in the accept queue that they are connected; closing the last listener would reset
 * them. libuv accepts one in each turn of the event loop: a pause and a turn without a new one mean that it is empty.
 */
async function emptyQueue(tracked: TrackedServer, deadline: number): Promise<void> {
  for (let accepted = -1; accepted !== tracked.accepted && performance.now() < deadline;) {
    accepted = tracked.accepted;
    await sleep(QUEUE_MS);
    await nextLoop();
  }
}

type Moment = Omit<Budgets, 'stopAccepting' | 'signal'> & {
  readonly now: number;
  readonly elapsed: number;
  readonly onCut: () => void;
};

/** Closes a connection whose time is up, and tells when that cut something off. */
function endWhenDue(connection: Connection, seen: Seen, moment: Moment): void {
  const {socket, session, protocol} = connection;
  if (moment.elapsed >= moment.graceMs) {
    if (protocol !== 'http' || responseInFlight(socket) !== undefined) moment.onCut();
    socket.destroy();
    return;
  }
  if (session) return leaveHttp2(socket, session, {told: seen.http2, ...moment});
  if (protocol !== 'http') {
    if (moment.elapsed < moment.upgradedMs || seen.leaving || socket.writableEnded) return;
    seen.leaving = true;
    if (protocol !== 'websocket') moment.onCut();
    leaveUpgraded(connection, moment.closeCode, moment.onCut);
    return;
  }
  const response = responseInFlight(socket);
  if (response) {
    if (moment.elapsed >= moment.upgradedMs && !seen.leaving && isEventStream(response)) {
      seen.leaving = true;
      endEventStream(response);
    }
    seen.idleSince = moment.now;
    seen.bytesRead = socket.bytesRead;
    seen.partialSince = undefined;
    return;
  }
  // Half a request head: Node's own headersTimeout is a minute, too long for a drain, so idleMs holds for it too.
  if (socket.bytesRead > seen.bytesRead) seen.partialSince ??= moment.now;
  if (moment.now - (seen.partialSince ?? seen.idleSince) >= moment.idleMs) socket.destroy();
}

/** The response that a connection is waiting for. No public name for it exists (Node 20 to 26 agree on this one). */
function responseInFlight(socket: Socket): ServerResponse | undefined {
  return (socket as Socket & {_httpMessage?: ServerResponse | null})._httpMessage ?? undefined;
}
