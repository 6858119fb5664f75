import type {Instance} from '@keelson/procfile';
import type {WorkerModules} from './worker-modules.ts';

/** One numbered instance of a process type, and how much of the machine it may use. */
export interface SupervisedInstance extends Instance {
  /** Processes that share the instance's port. Default 1; only `web` instances may have more. */
  readonly workers?: number | undefined;
  /** What each worker may use; told to it as KEELSON_MEMORY_BYTES. */
  readonly memoryBytes?: number | undefined;
  /** V8 heap of each worker, becomes --max-old-space-size. */
  readonly heapMegabytes?: number | undefined;
  /** Node's flags for each worker, instead of the one of `heapMegabytes`; those of the app's own NODE_OPTIONS win. */
  readonly nodeOptions?: string | undefined;
  /** What asks a process that takes no traffic to end. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals | undefined;
  /** What each worker gets to finish what it has begun, instead of the supervisor's `graceMs`. */
  readonly graceMs?: number | undefined;
  /** UV_THREADPOOL_SIZE of each worker, unless the environment says one. */
  readonly threadPoolSize?: number | undefined;
}

/** What one generation runs: one release with one configuration. */
export interface Workload {
  /** Name of the generation in status, notes and faults, for example the release number. */
  readonly name: string;
  /** Directory that every command runs in. */
  readonly cwd: string;
  /** The whole environment of the commands; PORT, PS and KEELSON_* are added. */
  readonly env: Readonly<Record<string, string>>;
  readonly instances: readonly SupervisedInstance[];
  /** How a `web` instance proves that it works: 2xx on this path, or without one anything but a server error on `/`, within 30 s. */
  readonly health?: {readonly path?: string | undefined; readonly timeoutMs: number} | undefined;
  /** A path that Node workers answer in the app's place: 200, or 503 once the service leaves. Default: none. */
  readonly answerHealthOn?: string | undefined;
  /**
   * Who listens on the ports. `held`: workers, on a socket that we hold. `cluster`: we, as the primary of node:cluster, which hands each
   * connection to the next worker; commands are `node SCRIPT` then. Default `held`.
   */
  readonly listener?: 'held' | 'cluster' | undefined;
  /** What Node loads in each worker before the app. Default: nothing. */
  readonly modules?: WorkerModules | undefined;
}

/** Whether a generation can take traffic; not being ready is an expected outcome and therefore a value. */
export type Readiness =
  | {readonly state: 'ready'}
  | {
      readonly state: 'not-ready';
      readonly instance: string;
      readonly because: string;
      /** The last lines that the worker printed, oldest first. */
      readonly output: readonly string[];
      /** Workers that had been replaced already and stay so, because the old ones did not start any more. Default: none. */
      readonly kept?: readonly string[] | undefined;
    };
