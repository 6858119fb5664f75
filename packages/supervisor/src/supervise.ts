import type {Tagger} from '@keelson/log-tagger';
import type {StepOptions} from '@keelson/step';
import type {Generation} from './generation.ts';
import type {InheritedSocket} from './inherited-sockets.ts';
import type {SupervisorStatus} from './status.ts';
import {RunningSupervisor} from './supervisor.ts';
import type {Readiness, Workload} from './workload.ts';

interface OfWorker {
  readonly generation: string;
  /** `web.1`, or `web.1/2` for the second worker of an instance. */
  readonly worker: string;
}

export type SupervisorEvent =
  | (OfWorker & {readonly type: 'supervisor:started' | 'supervisor:ready'; readonly pid: number})
  | (OfWorker & {readonly type: 'supervisor:not-ready'; readonly because: string})
  /** `planned`: it was asked to end. */
  | (OfWorker & {readonly type: 'supervisor:exited'; readonly because: string; readonly planned: boolean})
  | (OfWorker & {readonly type: 'supervisor:delayed'; readonly delayMs: number})
  | {readonly type: 'supervisor:opened' | 'supervisor:drained'; readonly generation: string};

/** What takes part in the life of workers. */
export interface WorkerHooks {
  /** Variables for the environment of a worker that is about to start, over those of its workload. */
  readonly beforeFork?: ((fork: OfWorker) => Readonly<Record<string, string>>) | undefined;
  /** What the app of a worker has sent by `process.send`. */
  readonly onMessage?: ((message: unknown, from: OfWorker) => void) | undefined;
}

/** Aborting `signal` is the same as `stop()`. */
export interface SuperviseOptions extends StepOptions<SupervisorEvent> {
  /** Gets a directory of mode 0700 for private sockets; made when missing. */
  readonly runtimeDir: string;
  /** Address that ports are bound on. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Sockets that somebody else has bound, as systemd: an instance takes the one with its name, type or port. Default: none. */
  readonly sockets?: readonly InheritedSocket[] | undefined;
  /** Where the workers' lines go. Default: untagged to our own stdout and stderr. */
  readonly logs?: Tagger | undefined;
  /** What a draining worker gets to finish what it has begun; SIGKILL comes 5 s later. Default 30 000. */
  readonly graceMs?: number | undefined;
  /** What an idle keep-alive connection gets for one last request. Default keepAliveTimeout + 1 s, at most 10 s. */
  readonly idleMs?: number | undefined;
  /** How long a web worker may take until its health check passes, when the workload says nothing. Default 30 000. */
  readonly readyTimeoutMs?: number | undefined;
  /** A web worker whose event loop stands still for so long prints where, and is killed and replaced. Default: never. */
  readonly hangMs?: number | undefined;
}

/** Holds the ports, runs generations. Disposing stops it. */
export interface Supervisor extends AsyncDisposable {
  /**
   * Binds the ports that nobody holds yet and starts every worker, privately: no traffic before `open`.
   * An abort of the signal ends what was started. Faults: SUPERVISOR_PORT_IN_USE, SUPERVISOR_PORT_DENIED,
   * SUPERVISOR_HOST, SUPERVISOR_WORKLOAD, SUPERVISOR_STOPPED, and those of @keelson/spawn.
   */
  start(workload: Workload, options?: StepOptions): Promise<Generation>;
  /**
   * Starts a workload in the place of generations that serve, one worker at a time: a new one starts, passes its gate and takes
   * traffic, and only then the old one of that name drains. Not-ready: the old ones stay, or are started again where they were
   * replaced; `generation` is there when some of it had to stay (`kept`).
   * Resolves when all of the new ones take traffic: `drain()` of the old ones tells when they are gone. Faults as those of `start`.
   */
  replace(
    old: readonly Generation[],
    workload: Workload,
    options?: StepOptions,
  ): Promise<Readiness & {readonly generation?: Generation | undefined}>;
  /** As `Generation.send`, to whatever generation has such a worker. */
  send(message: object, target?: string): number;
  /** What runs now, as plain JSON. */
  status(): SupervisorStatus;
  /** Drains every generation and gives the ports back. Resolves when no process is left. */
  stop(): Promise<void>;
  /** Resolves when it has stopped: 0, or 1 when a process had to be killed or was cut off at its deadline. */
  readonly finished: Promise<{readonly exitCode: number}>;
}

/** Begins to supervise; there is nothing to run until `start`. */
export async function supervise(options: SuperviseOptions, hooks: WorkerHooks = {}): Promise<Supervisor> {
  options.signal?.throwIfAborted();
  return RunningSupervisor.begin(options, hooks);
}
