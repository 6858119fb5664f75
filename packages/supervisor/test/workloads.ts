import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Writable} from 'node:stream';
import {createTagger} from '@keelson/log-tagger';
import {
  type SuperviseOptions,
  type Supervisor,
  type SupervisorEvent,
  supervise,
  type Workload,
} from '@keelson/supervisor';
import {freePort} from '@keelson/test-kit';
import {fixtures} from './load.ts';

export interface Bench extends AsyncDisposable {
  readonly supervisor: Supervisor;
  readonly port: number;
  readonly events: readonly SupervisorEvent[];
  /** Everything that the workers printed, tagged. */
  log(): string;
  /** `web.1` on the port, running app.mjs. */
  web(
    env?: Record<string, string>,
    more?: Partial<Workload> & {workers?: number; command?: string},
  ): Workload;
}

/** A supervisor with a free port and collected logs; disposing stops it. */
export async function bench(options: Partial<SuperviseOptions> = {}): Promise<Bench> {
  const runtimeDir = await mkdtemp(join(tmpdir(), 'ks-'));
  let text = '';
  const sink = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  const logs = createTagger({sink, timestamps: 'none'});
  const events: SupervisorEvent[] = [];
  const onEvent = (event: SupervisorEvent): void => void events.push(event);
  const supervisor = await supervise({runtimeDir, logs, onEvent, idleMs: 1500, graceMs: 10_000, ...options});
  const port = await freePort();
  return {
    supervisor,
    port,
    events,
    log: () => text,
    web: (env = {}, {workers = 1, command = 'node app.mjs', ...more} = {}) => ({
      name: env['VERSION'] ?? 'v1',
      cwd: fixtures,
      env: {PATH: process.env['PATH']!, ...env},
      health: {path: '/health', timeoutMs: 10_000},
      instances: [{name: 'web.1', type: 'web', index: 1, command, port, workers}],
      ...more,
    }),
    async [Symbol.asyncDispose]() {
      await supervisor.stop();
      await logs.close();
      await rm(runtimeDir, {recursive: true, force: true});
    },
  };
}

/** Starts, gates and opens; fails when it is not ready. */
export async function serve({supervisor}: Bench, workload: Workload) {
  const generation = await supervisor.start(workload);
  const readiness = await generation.ready();
  if (readiness.state !== 'ready') throw new Error(JSON.stringify(readiness));
  await generation.open();
  return generation;
}

export const get = async (port: number, path = '/'): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}${path}`, {headers: {connection: 'close'}})).text();

/** The pids of all workers that run. */
export const pids = (supervisor: Supervisor): number[] =>
  supervisor
    .status()
    .generations.flatMap(({instances}) => instances.flatMap(({workers}) => workers.map(({pid}) => pid)))
    .filter((pid) => pid !== undefined);

/** States of proc_net_tcp(5). */
export const LISTENING = '0A';
const ESTABLISHED = '01';

/** Sockets of a port, of either side, in one state. */
export async function connectionsTo(port: number, state = ESTABLISHED): Promise<number> {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n');
  return lines.filter((line) => line.includes(`${hex} `) && line.trim().split(/\s+/)[3] === state).length;
}
