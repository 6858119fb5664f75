import {once} from 'node:events';
import {request as httpRequest} from 'node:http';
import type {ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions} from 'node:http';
import {request as httpsRequest} from 'node:https';
import type {Socket} from 'node:net';
import {connect as connectTls} from 'node:tls';
import type {StepOptions} from '@keelson/step';
import {proxyFor} from './proxy-for.ts';

export interface HttpCall {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST';
  /** http or https; a user and password in it are not sent. */
  readonly url: URL;
  readonly headers?: OutgoingHttpHeaders | undefined;
  /** Writes the body, and has to take the answer into account that may come before its end. */
  readonly send?: ((request: ClientRequest) => Promise<void>) | undefined;
  /** Silence after which the connection is given up. Default 60 000. */
  readonly stallMs?: number | undefined;
  /** The same when the whole body was sent, and the other side may be at work. Default `stallMs`. */
  readonly answerMs?: number | undefined;
}

/**
 * One HTTP request, no redirect followed; through the proxy of the environment where one is named. Rejects with Node's own error
 * (`code`: ECONNREFUSED, ETIMEDOUT …) or with `signal.reason`. The answer's body must be read or destroyed.
 */
export async function request(call: HttpCall, {signal}: StepOptions = {}): Promise<IncomingMessage> {
  signal?.throwIfAborted();
  const {method, url, send, stallMs = 60_000, answerMs = stallMs} = call;
  const {request: make, options, proxied} = await route(url, call.headers ?? {}, {stallMs, signal});
  const sending = make({method, agent: false, signal, timeout: stallMs, ...options});
  let limitMs = stallMs;
  let answer: IncomingMessage | undefined;
  sending.once('finish', () => sending.setTimeout((limitMs = answerMs)));
  sending.once('response', (response: IncomingMessage) => (answer = response));
  sending.on('timeout', () => void (answer ?? sending).destroy(silence(limitMs)));
  sending.on('error', () => {}); // once there is an answer, whoever reads that is told
  try {
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    answered.catch(() => {}); // awaited below, unless sending fails first
    if (send === undefined) sending.end();
    else await Promise.race([send(sending), answered]);
    const [response] = await answered;
    response.on('error', () => {}); // whoever reads sees it; one that is thrown away is nobody's concern
    return response;
  } catch (error) {
    sending.destroy();
    signal?.throwIfAborted();
    throw proxied === true ? ofProxy(error) : error;
  }
}

/** Names the proxy where it, and not the server behind it, cannot be reached. */
function ofProxy(error: unknown): unknown {
  const {code = ''} = error as NodeJS.ErrnoException;
  if (!/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code)) return error;
  return Object.assign(new TypeError('the proxy cannot be reached', {cause: error}), {code: 'EPROXYGONE'});
}

interface Route {
  readonly request: (options: RequestOptions) => ClientRequest;
  readonly options: RequestOptions;
  /** `options` lead to the proxy, not to the server. */
  readonly proxied?: boolean;
}

async function route(
  url: URL,
  headers: OutgoingHttpHeaders,
  {stallMs, signal}: {readonly stallMs: number; readonly signal: AbortSignal | undefined},
): Promise<Route> {
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (secure ? 443 : 80));
  const path = `${url.pathname}${url.search}`;
  const proxy = proxyFor(url);
  if (proxy === undefined)
    return {
      request: secure ? httpsRequest : httpRequest,
      options: {host, port, path, headers},
    };
  const via = {
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80)),
  };
  const toProxy = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const known = proxy.username === '' ? {} : {'Proxy-Authorization': basic(proxy.username, proxy.password)};
  if (!secure)
    return {
      request: toProxy,
      proxied: true,
      options: {...via, path: `http://${url.host}${path}`, headers: {Host: url.host, ...headers, ...known}},
    };
  const tunnel = toProxy({
    ...via,
    agent: false,
    signal,
    timeout: stallMs,
    method: 'CONNECT',
    path: `${url.hostname}:${port}`,
    headers: {Host: `${url.hostname}:${port}`, ...known},
  });
  tunnel.on('timeout', () => tunnel.destroy(silence(stallMs)));
  const connected = once(tunnel, 'connect') as Promise<[IncomingMessage, Socket]>;
  tunnel.end();
  const [{statusCode}, socket] = await connected.catch((error: unknown) => {
    signal?.throwIfAborted();
    throw ofProxy(error);
  });
  if (statusCode !== 200) {
    socket.destroy();
    const error = new TypeError(`the proxy ${via.host}:${via.port} answered ${statusCode}`);
    throw Object.assign(error, {code: statusCode === 407 ? 'EPROXYAUTH' : 'EPROXY'});
  }
  socket.setTimeout(0);
  const createConnection = () => connectTls({socket, servername: host, ALPNProtocols: ['http/1.1']});
  return {
    request: httpsRequest,
    options: {host, port, path, headers, createConnection},
  };
}

/** `Basic …` of user and password as they stand in a URL. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function silence(stallMs: number): Error {
  return Object.assign(new TypeError(`nothing came for ${stallMs / 1000} s`), {code: 'ETIMEDOUT'});
}
