import {once} from 'node:events';
import {readFile, readlink, rm} from 'node:fs/promises';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {basename, join} from 'node:path';
import type {Workload} from '@keelson/deployer';
import {createSink, createTagger} from '@keelson/log-tagger';
import {isFault} from '@keelson/step';
import {inheritedSockets, supervise, type Generation} from '@keelson/supervisor';
import {DeployServerFault} from '../fault.ts';
import {logFile, ROTATION} from '../hosted-app.ts';
import {releaseFiles} from './release-socket.ts';
import {NOT_CURRENT_EXIT} from './systemd-units.ts';

export interface ReleaseToServe {
  readonly root: string;
  readonly release: number;
  readonly host: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted when systemd asks it to end. */
  readonly signal: AbortSignal;
}

/**
 * The program of a release's unit: starts its processes on the sockets that systemd holds, and does what the deployer asks on
 * `runtime/N.sock`: `ready`, `open`, `watch`, `status`. A release that is current already, as at boot or after a crash, opens by itself.
 * Resolves with the exit code, when it was stopped and everything has drained.
 */
export async function serveRelease({
  root,
  release,
  host,
  environment,
  signal,
}: ReleaseToServe): Promise<number> {
  const {workload: file, socket} = releaseFiles(root, release);
  const {release: _, ...workload} = JSON.parse(await readFile(file, 'utf8')) as Workload;
  const sink = createSink({kind: 'file', path: logFile(root), ...ROTATION});
  await sink.open();
  const logs = createTagger({sink, timestamps: 'iso'});
  const sockets = inheritedSockets(environment, process.pid);
  const supervisor = await supervise({runtimeDir: join(root, 'runtime'), host, logs, sockets});
  try {
    const generation = await supervisor.start({name: String(release), ...workload}, {signal});
    await using _control = await listen(socket, generation);
    if ((await currentOf(root)) === release) await openAlone(generation, signal);
    if (!signal.aborted) await Promise.race([once(signal, 'abort'), supervisor.finished]);
    await supervisor.stop();
    return (await supervisor.finished).exitCode;
  } finally {
    await supervisor.stop();
    await logs.close();
  }
}

/** How the program ends when it fails: so that systemd starts it again only when it is what is to run. */
export async function failureExit(root: string, release: number): Promise<number> {
  return (await currentOf(root)) === release ? 1 : NOT_CURRENT_EXIT;
}

async function currentOf(root: string): Promise<number | undefined> {
  return readlink(join(root, 'current')).then(
    (target) => Number(basename(target)),
    () => undefined,
  );
}

async function openAlone(generation: Generation, signal: AbortSignal): Promise<void> {
  const readiness = await generation.ready({signal});
  if (readiness.state === 'ready') return generation.open();
  throw new DeployServerFault('SERVE_FAILED', `${readiness.instance} ${readiness.because}`);
}

async function listen(path: string, generation: Generation): Promise<AsyncDisposable> {
  await rm(path, {force: true}); // of a program that was killed
  const server = createServer((request, response) => void answer(request, response, generation));
  const before = process.umask(0o177);
  server.listen(path);
  process.umask(before);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await rm(path, {force: true});
    },
  };
}

/** JSON in, JSON out: `{value}` or `{fault}`. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  generation: Generation,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => response.writableFinished || gone.abort(new Error('the deployer went away')));
  const url = new URL(request.url ?? '/', 'http://release');
  const verbs: Readonly<Record<string, () => Promise<unknown>>> = {
    '/ready': () => generation.ready({signal: gone.signal}),
    '/open': () => generation.open(),
    '/watch': () => generation.watch(Number(url.searchParams.get('ms')), {signal: gone.signal}),
    '/restart': () => generation.restart(url.searchParams.get('target') ?? undefined),
    '/status': async () => generation.status(),
  };
  try {
    const verb = verbs[url.pathname];
    if (verb === undefined)
      throw new DeployServerFault('SERVE_FAILED', `a release does not know ${url.pathname}`);
    response.end(JSON.stringify({value: (await verb()) ?? null}));
  } catch (error) {
    const {message} = error as Error;
    const facts = isFault(error) ? {code: error.code, hint: error.hint} : {code: 'SERVE_FAILED'};
    response.end(JSON.stringify({fault: {message, ...facts}}));
  }
}
