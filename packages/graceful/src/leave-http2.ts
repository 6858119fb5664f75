import {writeSync} from 'node:fs';
import type {ServerHttp2Session} from 'node:http2';
import type {Socket} from 'node:net';

/** What a client gets to hear a notice in, before streams that it opens are refused: more than a round trip. */
const NOTICE_MS = 1000;

/**
 * GOAWAY for the highest stream there can be, NO_ERROR: "a server that is attempting to gracefully shut down a connection SHOULD
 * send an initial GOAWAY frame with the last stream identifier set to 2^31-1" (RFC 9113, 6.8). Clients open no more streams, and
 * those that cross it are served.
 */
const NOTICE = Buffer.from('0000080700000000007fffffff00000000', 'hex');

/** What an HTTP/2 session was told so far. */
export interface Http2Farewell {
  noticeAt?: number;
  /** Its final GOAWAY comes with the next stream. */
  waitsForStream?: boolean;
}

interface Moment {
  readonly told: Http2Farewell;
  readonly now: number;
  readonly elapsed: number;
  readonly idleMs: number;
}

/**
 * Ends a session so that no stream of a client is refused: streams that are open go on, it closes after the last one.
 *
 * Node sends no notice, only the final GOAWAY, which refuses what crosses it. Without TLS we write the notice ourselves. Within TLS we
 * cannot; there the GOAWAY goes out while a client waits for an answer, as it does not ask for the next one then.
 */
export function leaveHttp2(socket: Socket, session: ServerHttp2Session, {told, ...moment}: Moment): void {
  // A new client's first request comes no later than its acknowledgement of our SETTINGS: hear it first.
  if (session.closed || session.destroyed || session.pendingSettingsAck) return;
  if (told.noticeAt !== undefined) {
    if (moment.now - told.noticeAt >= NOTICE_MS) session.close();
    return;
  }
  const saidBye = (): void => void (told.noticeAt = performance.now());
  if (sendNotice(socket)) return saidBye();
  const goaway = (): void => {
    if (session.destroyed || told.noticeAt !== undefined) return;
    session.goaway();
    saidBye();
  };
  if (openStreams(session) > 0 || moment.elapsed >= moment.idleMs) return goaway();
  if (!told.waitsForStream) session.once('stream', goaway);
  told.waitsForStream = true;
}

/** @returns false where it cannot be sent: within TLS, or behind data that the kernel has not taken yet */
function sendNotice(socket: Socket): boolean {
  // Past the stream, whose owner is the session now. With an empty queue the kernel has got whole frames only.
  const handle = Reflect.get(socket, '_handle') as {fd?: number; writeQueueSize?: number} | null;
  if ('encrypted' in socket || !handle || !(Number(handle.fd) >= 0) || handle.writeQueueSize !== 0)
    return false;
  try {
    for (let sent = 0; sent < NOTICE.length;) sent += writeSync(handle.fd!, NOTICE, sent);
    return true;
  } catch {
    return false; // EAGAIN: its buffer is full. Anything worse the session finds out itself.
  }
}

/** No public name tells it (Node 20 to 26 agree on this one). */
function openStreams(session: ServerHttp2Session): number {
  const key = Object.getOwnPropertySymbols(session).find(({description}) => description === 'state');
  const state = key && (Reflect.get(session, key) as {streams?: {size?: number}} | undefined);
  return state?.streams?.size ?? 0;
}
