import type {StepOptions} from '@keelson/step';
import type {WorkerLines} from './control-protocol.ts';
import type {InstanceStatus} from './status.ts';
import type {Readiness} from './workload.ts';

export interface WorkerReach {
  /** `web.1`, or `web.1/2` for the second worker. */
  readonly instance: string;
  /** Of a unix socket. */
  readonly socketPath: string;
}

/** The processes of one workload, from start to drained. */
export interface Generation {
  readonly name: string;
  /** Resolves when every worker is ready, or at the first one that is not. Stops nothing by itself. */
  ready(options?: StepOptions): Promise<Readiness>;
  /**
   * Lets the workers take traffic beside those of other generations. From now on a worker that ends is replaced.
   * Faults: SUPERVISOR_NOT_OPENED, when a worker ended since it was ready or cannot accept.
   */
  open(): Promise<void>;
  /** For so long no worker may end and no health check may fail twice in a row; not-ready at the first that does. */
  watch(ms: number, options?: StepOptions): Promise<Readiness>;
  /**
   * Replaces the workers of a target one after another: a new one starts, passes its gate and takes traffic, and only then the
   * old one drains. Not-ready leaves it and those after it as they are. Resolves when the old ones are gone.
   * @param target a type, an instance, a worker (`web.1/2`); default all
   * Faults: SUPERVISOR_NO_TARGET, SUPERVISOR_STOPPED.
   */
  restart(target?: string): Promise<Readiness>;
  /** How many workers share each port of the target, at least one. Faults: SUPERVISOR_NO_TARGET, SUPERVISOR_WORKLOAD, SUPERVISOR_STOPPED. */
  resize(target: string | undefined, workers: number): Promise<Readiness>;
  /** Sends a signal to the process group of each worker; returns their pids. Faults: SUPERVISOR_NO_TARGET. */
  signal(name: NodeJS.Signals, target?: string): readonly number[];
  /** Sends a message to the apps of workers with a port; returns how many it went to. Faults: SUPERVISOR_NO_TARGET. */
  send(message: object, target?: string): number;
  /** What each worker printed last. Faults: SUPERVISOR_NO_TARGET. */
  lines(target?: string): readonly WorkerLines[];
  /** Where each worker with a port answers privately, also before `open`; not those that do not listen. */
  reach(): readonly WorkerReach[];
  /** What each instance printed last: up to 16 KiB of each of its workers, by name. */
  printed(): ReadonlyMap<string, readonly string[]>;
  /** Asks the workers for a sign of life; `status` tells how long the latest is ago. */
  ping(): void;
  /** Says on the health path of the workers that they will be drained soon, or with `reply` to every new request. */
  leave(reply?: 503): void;
  /** Takes no more traffic and finishes what is under way. Resolves when all processes are gone. */
  drain(): Promise<void>;
  /** Ends all processes at once; those that took traffic are drained, with three seconds for it. */
  stop(): Promise<void>;
  status(): readonly InstanceStatus[];
}
