import {once} from 'node:events';
import {Server} from 'node:net';
import type {StepOptions} from '@keelson/step';
import {endConnections} from './end-connections.ts';
import {FAREWELL_MS} from './leave-upgraded.ts';
import {type TrackedServer, trackedServer} from './tracked-server.ts';

/** Longest wait for idle connections: behind a proxy keepAliveTimeout is often a minute, and 0 means for ever. */
const MOST_IDLE_MS = 10_000;
/** Node closes an idle connection a second after the time that it told the client; we wait as long. */
const KEEP_ALIVE_BUFFER_MS = 1000;

export interface DrainOptions extends StepOptions {
  /** What an idle keep-alive connection gets for one last request. Default keepAliveTimeout + 1 s, at most 10 s. */
  readonly idleMs?: number | undefined;
  /** What requests in flight get; then everything that is still open is cut. Default 30 000. */
  readonly graceMs?: number | undefined;
  /**
   * What WebSockets, event streams and connections of other protocols get to end by themselves. Default 10 000; always so far before
   * graceMs that there is time for the answer to a close frame: two seconds, or half of a shorter graceMs.
   */
  readonly upgradedMs?: number | undefined;
  /** What WebSockets are then closed with: 1001 going away, or 1012 the service restarts. Default 1001. */
  readonly closeCode?: 1001 | 1012 | undefined;
}

export interface DrainReport {
  readonly kind: 'drain-report';
  /** Connections that were open when the drain began. */
  readonly connections: number;
  /** HTTP/1 requests that were answered during the drain. */
  readonly answered: number;
  /** Connections that were cut in the middle of a request, or while still upgraded, because their time was up. */
  readonly cut: number;
  readonly ms: number;
}

/**
 * Closes a server without losing a request: it stops accepting, answers everything in flight, answers one more
 * request on each idle keep-alive connection (with `Connection: close`), and resolves when no connection is left.
 * Unlike `server.close()` it never closes a connection that a client may just be sending a request on.
 * A second call returns the first one's promise. An abort of `signal` cuts all connections and rejects with its reason.
 * @throws GracefulFault GRACEFUL_NOT_TRACKED
 */
export function drain(server: Server, options: DrainOptions = {}): Promise<DrainReport> {
  try {
    options.signal?.throwIfAborted();
    const tracked = trackedServer(server);
    tracked.draining ??= drainOnce(server, tracked, options);
    return tracked.draining;
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

async function drainOnce(
  server: Server,
  tracked: TrackedServer,
  options: DrainOptions,
): Promise<DrainReport> {
  const began = performance.now();
  const graceMs = options.graceMs ?? 30_000;
  const keepAliveMs = (server as Server & {keepAliveTimeout?: number}).keepAliveTimeout;
  const counts = await endConnections(tracked, {
    stopAccepting: tracked.stopAccepting ?? (() => closeListener(server)),
    idleMs: options.idleMs ?? Math.min(MOST_IDLE_MS, (keepAliveMs || MOST_IDLE_MS) + KEEP_ALIVE_BUFFER_MS),
    graceMs,
    upgradedMs: Math.min(options.upgradedMs ?? 10_000, Math.max(graceMs - FAREWELL_MS, graceMs / 2)),
    closeCode: options.closeCode ?? 1001,
    signal: options.signal,
  });
  return {kind: 'drain-report', ...counts, ms: Math.round(performance.now() - began)};
}

/**
 * Only the listener: `http.Server.close` would also destroy idle connections (the race that loses requests) and
 * stop enforcing headersTimeout and requestTimeout.
 */
async function closeListener(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  Server.prototype.close.call(server);
  await closed;
}
