import type {IncomingMessage, ServerResponse} from 'node:http';
import type {Socket} from 'node:net';
import {methodOf} from './method-of.ts';

/** What the rest of a request body gets after its answer; nginx calls it lingering_timeout (5 s). */
const LINGER_MS = 5000;

type Headers = Record<string, unknown> | readonly unknown[];

/**
 * Makes this response the last one of its connection, whatever the app says about `Connection`.
 * @param isLast asked when the headers are written: false when the client has pipelined another request behind it
 */
export function makeLast(response: ServerResponse, isLast: () => boolean): void {
  if (response.headersSent) return;
  const keepAlive = response.shouldKeepAlive;
  response.shouldKeepAlive = false;
  const writeHead = methodOf<ServerResponse>(response, 'writeHead');
  response.writeHead = function (this: ServerResponse, ...values: unknown[]) {
    if (!isLast()) {
      this.shouldKeepAlive = keepAlive;
      return writeHead.apply(this, values);
    }
    this.setHeader('Connection', 'close');
    lingerAfter(this.req, this.socket);
    return writeHead.apply(this, values.map(withoutConnection));
  } as typeof response.writeHead;
}

/** The headers argument of `writeHead` (object, flat list or list of pairs) without a `Connection` of the app. */
function withoutConnection(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const headers = value as Headers;
  const isConnection = (name: unknown): boolean => String(name).toLowerCase() === 'connection';
  if (!Array.isArray(headers)) {
    return Object.fromEntries(Object.entries(headers).filter(([name]) => !isConnection(name)));
  }
  if (Array.isArray(headers[0])) return headers.filter((pair: unknown[]) => !isConnection(pair[0]));
  return headers.filter((_, at) => !isConnection(headers[at - (at % 2)]));
}

/**
 * After a last response Node destroys the socket at once. If the client is still sending its body then, the
 * kernel answers with a reset that can overtake the response. So: half-close, read the body to its end, close.
 */
function lingerAfter(request: IncomingMessage, socket: Socket | null): void {
  const hasBody = 'transfer-encoding' in request.headers || Number(request.headers['content-length']) > 0;
  if (!socket || !hasBody || request.complete) return;
  const destroySoon = methodOf<void>(socket, 'destroySoon');
  socket.destroySoon = function (this: Socket) {
    if (request.complete || this.destroyed) return destroySoon.call(this);
    this.end();
    const close = (): void => void this.destroy();
    const timer = setTimeout(close, LINGER_MS);
    request.once('end', close).once('close', close);
    this.once('close', () => clearTimeout(timer));
  };
}
