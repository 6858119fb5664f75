import {tmpdir} from 'node:os';
import type {Writable} from 'node:stream';
import {createTagger, type SinkEvent, type Tagger, type TaggerEvent} from '@keelson/log-tagger';
import {type HereOptions, hereWorkload} from './here-workload.ts';
import {type Service, type ServiceOptions, runService} from './run-service.ts';
import type {HealthAddress} from './health-address.ts';
import {inheritedSockets} from './inherited-sockets.ts';
import {obeySignals, type Usr2} from './obey-signals.ts';
import type {Plugin} from './plugin.ts';
import {PluginHost} from './plugin-host.ts';
import {writePidFile} from './pid-file.ts';
import {workingDirectory} from './working-directory.ts';
import {recycleWorkers, type WorkerLimits} from './recycle-workers.ts';

import {WorkerQuestions} from './worker-questions.ts';
import {OF_SERVICE_MANAGER, type ServiceManager, serviceManager} from './service-manager.ts';

/** Node reaps only its own children. */
const AS_INIT =
  'runs as process 1: what loses its parent stays as a zombie; start it under a small init (docker run --init, tini -s --, catatonit --)';

export interface RunHereOptions {
  readonly supervise: Pick<
    ServiceOptions,
    'signal' | 'onEvent' | 'host' | 'graceMs' | 'startLimit' | 'hangMs' | 'heartbeatMs'
  >;
  readonly output: {
    /** Gets the tagged lines of all workers, unless `to` says where they go. */
    readonly sink: Writable;
    readonly color?: boolean | undefined;
    /** Destinations as `parseSink` of @keelson/log-tagger reads them; their lines have the time in front. */
    readonly to?: readonly string[] | undefined;
    readonly onEvent?: ((event: TaggerEvent | SinkEvent) => void) | undefined;
  };
  /** How long an abort of the signal leaves the service running, as not ready. Default 0. */
  readonly noticeMs?: number | undefined;
  /** When a worker is replaced by a new one. Default: never. */
  readonly limits?: WorkerLimits | undefined;
  /** What SIGUSR2 does. Default: roll. */
  readonly onUsr2?: Usr2 | undefined;
  /** Gets our pid. Default: none. */
  readonly pidFile?: string | undefined;
  /** Path of the control socket. Default: none. */
  readonly control?: string | undefined;
  readonly extend?:
    | {
        /** Where `/health`, `/livez`, `/readyz` and `/metrics` are answered. Default: nowhere. */
        readonly healthOn?: HealthAddress | undefined;
        /** Collects metrics. Default: false. */
        readonly metrics?: boolean | undefined;
        /** Modules as `loadPlugins` finds them. Default: none. */
        readonly plugins?: readonly string[] | undefined;
      }
    | undefined;
}

/**
 * Runs what the working directory or the command says, until `signal` is aborted and the last worker has ended.
 * @returns the exit code: 0 when it drained, 1 when something was cut off, 70 when it gave up in a crash loop
 */
export async function runHere(what: HereOptions, options: RunHereOptions): Promise<number> {
  const {signal, ...supervise} = options.supervise;
  const logs = await openLogs(options.output);
  const processEnv = {...what.processEnv};
  for (const name of OF_SERVICE_MANAGER) delete processEnv[name];
  const here = workingDirectory(processEnv['PWD']);
  const plan = async (name: string) => {
    const cwd = await here.release();
    return hereWorkload(name, cwd, {...what, processEnv: {...processEnv, PWD: cwd}, signal});
  };
  let manager: ServiceManager | undefined;
  let beats: NodeJS.Timeout | undefined;
  try {
    const sockets = inheritedSockets(what.processEnv, process.pid);
    const plugins = new PluginHost((name, text) => logs.note(name, text));
    const questions = new WorkerQuestions((message, target) => service.send(message, target));
    const onChange = (): void => {
      manager?.changed();
      const {state} = service.status();
      if (state === 'leaving' || state === 'stopping') plugins.leave();
    };
    const onEvent: typeof supervise.onEvent = (event) => {
      plugins.event(event);
      supervise.onEvent?.(event);
    };
    const service: Service = await runService(
      plan,
      {...supervise, sockets, runtimeDir: tmpdir(), logs, onChange, onEvent},
      {
        beforeFork: (fork) => plugins.beforeFork(fork),
        onMessage(message, from) {
          if (!questions.receive(message, from)) plugins.message(message, from);
        },
      },
    );
    manager = serviceManager(service, what.processEnv, (text) => logs.note('keelson', text));
    if (options.extend?.healthOn !== undefined || what.processEnv['WATCHDOG_USEC'])
      beats = heartbeats(service);
    return await serveUntilFinished(service, {logs, plugins, questions, ...options});
  } finally {
    clearInterval(beats);
    await manager?.close();
    await logs.close().catch(() => {}); // nobody reads us any more
  }
}

async function openLogs({sink, color, to = [], onEvent}: RunHereOptions['output']): Promise<Tagger> {
  if (to.length === 0) return createTagger({sink, timestamps: 'none', color, onEvent});
  const {openDestinations} = await import('./open-destinations.ts');
  return createTagger({sink: openDestinations(to, onEvent), onEvent});
}

/** Asks often enough that every answer is younger than the limit. */
function heartbeats(service: Service): NodeJS.Timeout {
  return setInterval(() => service.ping(), service.status().heartbeatLimitMs / 2).unref();
}

interface Running extends RunHereOptions {
  readonly logs: Tagger;
  readonly plugins: PluginHost;
  readonly questions: WorkerQuestions;
}

async function serveUntilFinished(service: Service, options: Running): Promise<number> {
  const {control, extend = {}, logs, noticeMs = 0, pidFile, plugins, questions, supervise} = options;
  if (process.pid === 1) logs.note('keelson', AS_INIT);
  const note = (worker: string, text: string): void => logs.note(worker, text);
  const closing: (() => unknown)[] = [() => service.stop()];
  const leave = (): void => void service.drain(noticeMs);
  try {
    if (pidFile !== undefined) {
      const file = await writePidFile(pidFile);
      closing.push(() => file[Symbol.asyncDispose]());
    }
    if (control !== undefined) {
      const {serveControl} = await import('./serve-control.ts');
      const socket = await serveControl(control, {service, plugins, questions});
      closing.push(() => socket[Symbol.asyncDispose]());
    }
    closing.push(() => plugins.end());
    await plugins.setup(await pluginsOf(extend, questions), service);
    closing.push(recycleWorkers(service, options.limits ?? {}, {note, questions}));
    closing.push(obeySignals(service, {reopen: () => void logs.reopen(), onUsr2: options.onUsr2}));
    supervise.signal?.addEventListener('abort', leave, {once: true});
    if (supervise.signal?.aborted) leave();
    await service.begin();
    const {exitCode} = await service.finished;
    return exitCode;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function pluginsOf(
  {healthOn, metrics = false, plugins = []}: NonNullable<RunHereOptions['extend']>,
  questions: WorkerQuestions,
): Promise<readonly Plugin[]> {
  const all: Plugin[] = [];
  if (metrics) all.push((await import('./metrics-plugin.ts')).metricsPlugin(questions));
  if (plugins.length > 0)
    all.push(...(await (await import('./load-plugins.ts')).loadPlugins(plugins, process.cwd())));
  // Its questions come last: by then everybody has said what they have to say.
  if (healthOn !== undefined) all.push((await import('./health-plugin.ts')).healthPlugin(healthOn));
  return all;
}
