import {rmSync} from 'node:fs';
import {once} from 'node:events';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import type {Deployment, DeployEvent} from '@keelson/deployer';
import {isFault, type StepOptions} from '@keelson/step';
import type {ConfigEdit} from './config-edit.ts';
import {DeployServerFault} from './fault.ts';
import type {ConfigServerState} from './follow-config-servers.ts';
import type {AppStatus} from './hosted-apps.ts';
import {queryOptions} from './server-query.ts';
import type {ServicesChanged} from './services/change-services.ts';

export interface ServerStatus {
  readonly kind: 'server-status';
  readonly root: string;
  readonly url: string;
  readonly apps: readonly (AppStatus & {readonly configServer?: ConfigServerState | undefined})[];
}

/** With what one deploy says of itself. */
export type DeployStep = StepOptions<DeployEvent> & ReturnType<typeof queryOptions>;

/** What the command line may ask a running server. */
export interface ControlVerbs {
  status(): ServerStatus;
  rollback(app: string, to: RollbackTo, step: DeployStep): Promise<Deployment>;
  /** `archive` is a path on this machine. */
  deploy(app: string, archive: string, step: DeployStep): Promise<Deployment>;
  stop(app: string): Promise<ServicesChanged>;
  /** `target`: a process type or an instance; default all. */
  reload(app: string, target: string | undefined, step: StepOptions<DeployEvent>): Promise<ServicesChanged>;
  configure(app: string, edit: ConfigEdit, step: DeployStep): Promise<Deployment>;
}

export interface RollbackTo {
  readonly release?: number | undefined;
  /** Also across a migration that the release cannot live with. */
  readonly force?: boolean | undefined;
}

// sun_path of sockaddr_un is 108 bytes with the closing NUL: unix(7).
const PATH_LIMIT = 107;

/** The control socket of the server at `root`: 0600 in a 0700 folder, so only its owner may ask. */
export function controlSocket(root: string): string {
  const path = join(root, '.keelson', 'control.sock');
  if (Buffer.byteLength(path) > PATH_LIMIT)
    throw new DeployServerFault('SERVE_PATH_TOO_LONG', `${path} is longer than a unix socket's name may be`, {
      hint: `choose a --root that is ${Buffer.byteLength(path) - PATH_LIMIT} bytes shorter`,
    });
  return path;
}

/** Answers on the control socket: HTTP whose body is one JSON line an event, then the value or the fault. */
export async function startControl(root: string, verbs: ControlVerbs): Promise<AsyncDisposable> {
  const path = controlSocket(root);
  rmSync(path, {force: true}); // of a server that was killed; the lock says that none is alive
  const server = createServer((request, response) => void answer(request, response, verbs));
  const before = process.umask(0o177);
  server.listen(path);
  process.umask(before);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  verbs: ControlVerbs,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('the asking command went away')));
  const send = (line: object) => response.write(`${JSON.stringify(line)}\n`);
  response.setHeader('content-type', 'application/x-ndjson');
  try {
    send({value: await valueOf(request, verbs, {signal: gone.signal, onEvent: (event) => send({event})})});
  } catch (error) {
    send({fault: faultOf(error)});
  }
  response.end();
}

async function valueOf(
  request: IncomingMessage,
  verbs: ControlVerbs,
  step: StepOptions<DeployEvent>,
): Promise<object> {
  const url = new URL(request.url ?? '/', 'http://control');
  const asked = {...queryOptions(url.searchParams), ...step};
  const [, app = '', verb] =
    /^\/apps\/([a-z][a-z0-9-]{0,62})\/(rollback|deploy|config|stop|reload)$/.exec(url.pathname) ?? [];
  if (request.method === 'GET' && url.pathname === '/status') return verbs.status();
  if (request.method === 'POST' && verb === 'rollback') {
    const release = url.searchParams.get('release');
    const force = url.searchParams.has('force');
    return verbs.rollback(app, {release: release === null ? undefined : Number(release), force}, asked);
  }
  if (request.method === 'POST' && verb === 'deploy')
    return verbs.deploy(app, url.searchParams.get('archive') ?? '', asked);
  if (request.method === 'POST' && verb === 'stop') return verbs.stop(app);
  if (request.method === 'POST' && verb === 'reload')
    return verbs.reload(app, url.searchParams.get('target') ?? undefined, step);
  // Whoever reaches the socket is the owner of it all.
  if (request.method === 'POST' && verb === 'config')
    return verbs.configure(app, JSON.parse(await text(request)) as ConfigEdit, asked);
  throw new DeployServerFault('SERVE_FAILED', `the server does not know ${request.method} ${url.pathname}`);
}

function faultOf(error: unknown): object {
  const {message} = error as Error;
  return isFault(error)
    ? {code: error.code, message, hint: error.hint, temporary: error.temporary}
    : {code: 'SERVE_FAILED', message};
}
