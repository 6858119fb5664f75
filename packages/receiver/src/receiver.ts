import {chmod, mkdir, realpath} from 'node:fs/promises';
import {createServer, type Server} from 'node:http';
import {join} from 'node:path';
import {lockDirectory} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import type {Accept} from './accept.ts';
import {answer} from './answer.ts';
import {checkApps} from './app-name.ts';
import {createRepositories} from './app-repository.ts';
import {createDoor} from './authorization.ts';
import {finishPushes} from './finish-pushes.ts';
import {handleRequest, type Site} from './handle-request.ts';
import {openHookGate} from './hook-gate.ts';
import {DEFAULT_LIMITS, type ReceiverLimits} from './limits.ts';
import type {RunningPush} from './serve-push.ts';
import {listen} from './listen.ts';
import {createTurns} from './turns.ts';

export type ReceiverEvent =
  | {readonly type: 'receiver:listened'; readonly url: string}
  | {
      readonly type: 'receiver:received' | 'receiver:accepted';
      readonly app: string;
      readonly revision: string;
      readonly digest: string;
    }
  | {
      readonly type: 'receiver:refused';
      readonly app: string;
      readonly revision: string;
      readonly because: string;
    }
  | {readonly type: 'receiver:failed'; readonly path: string; readonly because: string};

export interface ReceiverOptions extends StepOptions<ReceiverEvent> {
  /** Holds `<app>/.keelson/repository.git` of each app. One receiver per root. */
  readonly root: string;
  /** Default 127.0.0.1. Any address that is not loopback needs a token. */
  readonly host?: string | undefined;
  /** Default 0: a free one. */
  readonly port?: number | undefined;
  /** Password of HTTP Basic authentication (any user name), at least 8 characters. */
  readonly token?: string | undefined;
  /** Apps that may be pushed to. Default: any good name (`^[a-z][a-z0-9-]{0,62}$`). */
  readonly apps?: readonly string[] | undefined;
  readonly limits?: Partial<ReceiverLimits> | undefined;
}

export interface Receiver extends AsyncDisposable {
  readonly kind: 'receiver';
  /** `http://host:port`; an app is pushed to at `<url>/<app>.git`. */
  readonly url: string;
  readonly address: {readonly host: string; readonly port: number};
  /** Takes no new push, waits for the running ones, aborts those that take longer than `limits.closeMs`. */
  close(): Promise<void>;
}

/**
 * Listens for `git push` and hands each pushed archive to `accept`. Aborting `signal` closes the receiver without waiting for pushes.
 * Faults: RECEIVER_NEEDS_TOKEN, RECEIVER_BAD_TOKEN, RECEIVER_BAD_APP, RECEIVER_CANNOT_LISTEN, and LOCK_HELD for a root that has a receiver.
 */
export async function startReceiver(accept: Accept, options: ReceiverOptions): Promise<Receiver> {
  options.signal?.throwIfAborted();
  checkApps(options.apps);
  const {host = '127.0.0.1', apps, onEvent = () => {}} = options;
  const door = createDoor(host, options.token);
  const limits = {...DEFAULT_LIMITS, ...options.limits};
  await mkdir(options.root, {recursive: true});
  const root = await realpath(options.root);

  const own = join(root, '.keelson/receiver');
  await mkdir(own, {recursive: true});
  await chmod(own, 0o700); // whoever reaches the socket in it speaks as a hook
  const lock = await lockDirectory(own, {reason: `receiver of ${root}`});
  const gate = await openHookGate(own);
  const running = new Set<RunningPush>();
  const desk = {accept, gate, turns: createTurns(), limits, running, onEvent};
  const server = serve({door, apps, repositoryOf: createRepositories(root), desk});
  const release = async () => {
    await gate[Symbol.asyncDispose]();
    await lock[Symbol.asyncDispose]();
  };

  let closing: Promise<void> | undefined;
  const close = (waitMs: number) =>
    (closing ??= (async () => {
      options.signal?.removeEventListener('abort', abort);
      await finishPushes(server, running, {waitMs, closeMs: limits.closeMs});
      await release();
    })());
  const abort = () => void close(0);

  const address = await listen(server, host, options.port ?? 0).catch(async (error: unknown) => {
    await release();
    throw error;
  });
  options.signal?.addEventListener('abort', abort, {once: true});
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  onEvent({type: 'receiver:listened', url});
  const closeInTime = () => close(limits.closeMs);
  return {kind: 'receiver', url, address, close: closeInTime, [Symbol.asyncDispose]: closeInTime};
}

function serve(site: Site): Server {
  const server = createServer((request, response) => {
    const http = {request, response};
    handleRequest(http, site).catch((error: unknown) => {
      site.desk.onEvent({type: 'receiver:failed', path: request.url ?? '', because: String(error)});
      answer(http, 500, 'The receiver failed; its log says why.');
    });
  });
  server.requestTimeout = 0; // a push may take long; one that stalls is ended after limits.stallMs
  return server;
}
