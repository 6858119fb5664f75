import {tmpdir} from 'node:os';
import type {Writable} from 'node:stream';
import {createTagger, type SinkEvent, type Tagger, type TaggerEvent} from '@keelson/log-tagger';
import {type HereOptions, hereWorkload} from './here-workload.ts';
import {type Service, type ServiceOptions, runService} from './run-service.ts';
import type {HealthAddress} from './health-address.ts';
import {inheritedSockets} from './inherited-sockets.ts';
import {obeySignals} from './obey-signals.ts';
import {writePidFile} from './pid-file.ts';
import {recycleWorkers, type WorkerLimits} from './recycle-workers.ts';

import {OF_SERVICE_MANAGER, type ServiceManager, serviceManager} from './service-manager.ts';

export interface RunHereOptions {
  readonly supervise: Pick<
    ServiceOptions,
    'signal' | 'onEvent' | 'host' | 'graceMs' | 'startLimit' | 'hangMs'
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
  /** Gets our pid. Default: none. */
  readonly pidFile?: string | undefined;
  /** Path of the control socket. Default: none. */
  readonly control?: string | undefined;
  /** Where `/health`, `/livez` and `/readyz` are answered. Default: nowhere. */
  readonly healthOn?: HealthAddress | undefined;
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
  const plan = (name: string) => hereWorkload(name, process.cwd(), {...what, processEnv, signal});
  let manager: ServiceManager | undefined;
  try {
    const sockets = inheritedSockets(what.processEnv, process.pid);
    const onChange = (): void => manager?.changed();
    const service = await runService(plan, {...supervise, sockets, runtimeDir: tmpdir(), logs, onChange});
    manager = serviceManager(service, what.processEnv, (text) => logs.note('keelson', text));
    return await serveUntilFinished(service, logs, options);
  } finally {
    await manager?.close();
    await logs.close().catch(() => {}); // nobody reads us any more
  }
}

async function openLogs({sink, color, to = [], onEvent}: RunHereOptions['output']): Promise<Tagger> {
  if (to.length === 0) return createTagger({sink, timestamps: 'none', color, onEvent});
  const {openDestinations} = await import('./open-destinations.ts');
  return createTagger({sink: openDestinations(to, onEvent), onEvent});
}

async function serveUntilFinished(service: Service, logs: Tagger, options: RunHereOptions): Promise<number> {
  const {control, healthOn, noticeMs = 0, pidFile, supervise} = options;
  const closing: (() => unknown)[] = [() => service.stop()];
  const leave = (): void => void service.drain(noticeMs);
  try {
    if (pidFile !== undefined) {
      const file = await writePidFile(pidFile);
      closing.push(() => file[Symbol.asyncDispose]());
    }
    if (control !== undefined) {
      const {serveControl} = await import('./serve-control.ts');
      const socket = await serveControl(control, service);
      closing.push(() => socket[Symbol.asyncDispose]());
    }
    if (healthOn !== undefined) {
      const {serveHealth} = await import('./serve-health.ts');
      const endpoints = await serveHealth(healthOn, service);
      closing.push(() => endpoints[Symbol.asyncDispose]());
    }
    closing.push(recycleWorkers(service, options.limits ?? {}, (worker, text) => logs.note(worker, text)));
    closing.push(obeySignals(service, () => void logs.reopen()));
    supervise.signal?.addEventListener('abort', leave, {once: true});
    if (supervise.signal?.aborted) leave();
    await service.begin();
    const {exitCode} = await service.finished;
    return exitCode;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}
