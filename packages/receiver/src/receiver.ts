import {existsSync} from 'node:fs';
import {chmod, mkdir, realpath} from 'node:fs/promises';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {join} from 'node:path';
import {lockDirectory, makeDirectory} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import type {Accept} from './accept.ts';
import {answer} from './answer.ts';
import {appFolders, folderPath, once} from './app-folder.ts';
import {checkApps} from './app-name.ts';
import {createDoor, type AccessToken} from './authorization.ts';
import type {BranchRoute} from './branch-routes.ts';
import {createCrowd} from './crowd.ts';
import type {RunningPush} from './desk.ts';
import {finishPushes} from './finish-pushes.ts';
import {openRepository, readableRepositories} from './git/app-repository.ts';
import {handleRequest, type Site} from './handle-request.ts';
import {DEFAULT_LIMITS, type ReceiverLimits} from './limits.ts';
import {listen} from './listen.ts';
import {openLocalDoor} from './stdio/local-door.ts';
import {createTurns} from './turns.ts';
import {watchFolder} from './watch/watch-folder.ts';

export type ReceiverEvent =
  | {readonly type: 'receiver:listened'; readonly url: string}
  | {
      readonly type: 'receiver:received' | 'receiver:accepted';
      readonly app: string;
      readonly revision: string;
      /** Of the archive; undefined for a package. */
      readonly digest: string | undefined;
    }
  | {
      readonly type: 'receiver:refused';
      readonly app: string;
      readonly revision: string;
      readonly because: string;
    }
  | {readonly type: 'receiver:failed'; readonly path: string; readonly because: string};

export interface ReceiverOptions extends StepOptions<ReceiverEvent> {
  /** Holds `<app>/.keelson/…` of each app. One receiver per root. */
  readonly root: string;
  /** Where HTTP is served; default 127.0.0.1 and a free port. Any address that is not loopback needs a token. False: nowhere. */
  readonly listen?:
    | {readonly host?: string | undefined; readonly port?: number | undefined}
    | false
    | undefined;
  /** Password of HTTP Basic authentication (any user name), at least 8 characters; or what is kept of several, each for its apps. */
  readonly tokens?: string | readonly AccessToken[] | undefined;
  /** Apps that may be pushed to. Default: any good name (`^[a-z][a-z0-9-]{0,62}$`). */
  readonly apps?: readonly string[] | undefined;
  /** Which branches are which apps. Default: branch `main` of `<url>/<app>.git`. */
  readonly branches?: readonly BranchRoute[] | undefined;
  /** Also takes packages that are not built. Default false: they are refused with what to do. */
  readonly packages?: boolean | undefined;
  /** A drop folder: tarballs that are moved here are received, too. */
  readonly watch?: string | undefined;
  readonly limits?: Partial<ReceiverLimits> & {
    readonly apps?: Readonly<Record<string, Partial<ReceiverLimits>>>;
  };
}

const LOOPBACK = '127.0.0.1';

export interface Receiver extends AsyncDisposable {
  readonly kind: 'receiver';
  /** `http://host:port`; an app is pushed to at `<url>/<app>.git`. Empty without HTTP. */
  readonly url: string;
  readonly address: {readonly host: string; readonly port: number};
  /** Takes no new push, waits for the running ones, aborts those that take longer than `limits.closeMs`. */
  close(): Promise<void>;
}

/**
 * Receives pushes – git and PUT over HTTP, ssh, a drop folder – and hands each to `accept`. Aborting `signal` closes the receiver
 * without waiting for pushes.
 * Faults: RECEIVER_NEEDS_TOKEN, RECEIVER_BAD_TOKEN, RECEIVER_BAD_APP, RECEIVER_CANNOT_LISTEN, and LOCK_HELD for a root that has a receiver.
 */
export async function startReceiver(accept: Accept, options: ReceiverOptions): Promise<Receiver> {
  options.signal?.throwIfAborted();
  const {apps, branches = [], onEvent = () => {}} = options;
  checkApps([...(apps ?? []), ...branches.flatMap(({repository, app}) => [repository, app])]);
  const {host = LOOPBACK, port = 0} = options.listen === false ? {} : (options.listen ?? {});
  const door = createDoor(host, options.tokens);
  const limits = {...DEFAULT_LIMITS, ...defined(options.limits)};
  await makeDirectory(options.root);
  const root = await realpath(options.root);

  const opened: AsyncDisposable[] = [];
  const release = async () => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
  };
  const running = new Set<RunningPush>();
  let server: Server | undefined;
  let address = {host: '', port: 0};
  try {
    const own = join(root, '.keelson/receiver');
    await mkdir(own, {recursive: true});
    await chmod(own, 0o700); // whoever reaches the socket in it speaks as the owner
    opened.push(await lockDirectory(own, {reason: `receiver of ${root}`}));
    const folderOf = appFolders(root);
    const limitsOf = (app: string) => ({...limits, ...defined(options.limits?.apps?.[app])});
    const packages = options.packages ?? false;
    const desk = {
      accept,
      packages,
      branches,
      folderOf,
      isThere: (app: string) => existsSync(folderPath(root, app)),
      turns: createTurns(),
      limitsOf,
      running,
      onEvent,
    };
    const repositoryOf = once(async (name) => openRepository(await folderOf(name)));
    const readableOf = readableRepositories(root, own);
    const site = {door, apps, crowd: createCrowd(limits.atOnce), repositoryOf, readableOf, desk};
    opened.push(await openLocalDoor(own, site));
    if (options.watch !== undefined) opened.push(await watchFolder(options.watch, site));
    if (options.listen !== false) {
      server = serve(site);
      address = await listen(server, host, port);
    }
  } catch (error) {
    await release();
    throw error;
  }

  let closing: Promise<void> | undefined;
  const close = (waitMs: number) =>
    (closing ??= (async () => {
      options.signal?.removeEventListener('abort', abort);
      await finishPushes(server, running, {waitMs, closeMs: limits.closeMs});
      await release();
    })());
  const abort = () => void close(0);
  options.signal?.addEventListener('abort', abort, {once: true});
  const url = server === undefined ? '' : urlOf(address);
  if (server !== undefined) onEvent({type: 'receiver:listened', url});
  const closeInTime = () => close(limits.closeMs);
  return {kind: 'receiver', url, address, close: closeInTime, [Symbol.asyncDispose]: closeInTime};
}

function serve(site: Site): Server {
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const http = {request, response};
    handleRequest(http, site).catch((error: unknown) => {
      site.desk.onEvent({type: 'receiver:failed', path: request.url ?? '', because: String(error)});
      answer(http, 500, 'The receiver failed; its log says why.');
    });
  };
  const server = createServer(handle);
  server.on('checkContinue', handle); // who may not come in need not send a body
  server.requestTimeout = 0; // a push may take long; one that stalls is ended after limits.stallMs
  return server;
}

function urlOf({host, port}: {readonly host: string; readonly port: number}): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Without the keys whose value is undefined, which would hide a default. */
function defined<T extends object>(given: T | undefined): Partial<T> {
  return Object.fromEntries(
    Object.entries(given ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
