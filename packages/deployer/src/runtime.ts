import type {Instance} from '@keelson/procfile';
import type {Release} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';

/** An instance with its share of the machine. */
export interface PlannedInstance extends Instance {
  /** Processes that share the instance's socket. */
  readonly workers: number;
  /** Of each worker. */
  readonly memoryBytes: number;
  /** For `--max-old-space-size` of each worker. */
  readonly heapMegabytes: number;
  /** Node's flags for each worker, that one among them. */
  readonly nodeOptions: string;
  /** UV_THREADPOOL_SIZE of each worker. */
  readonly threadPoolSize: number;
  /** What asks it to end, as its app says. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals | undefined;
  /** What it gets to finish what it has begun, as its app says. Default: the runtime's. */
  readonly graceMs?: number | undefined;
}

/** What a runtime starts. */
export interface Workload {
  readonly release: Release;
  /** Absolute. */
  readonly cwd: string;
  /** The whole environment but for PORT. */
  readonly env: Readonly<Record<string, string>>;
  readonly instances: readonly PlannedInstance[];
  readonly health: {readonly path: string; readonly timeoutMs: number};
}

export type Readiness =
  | {readonly state: 'ready'}
  | {
      readonly state: 'not-ready';
      readonly instance: string;
      readonly because: string;
      /** The last lines that the instance printed. */
      readonly output: readonly string[];
    };

/** Where an instance answers. */
export type Reach = {readonly instance: string} & (
  | {readonly socketPath: string}
  | {readonly host: string; readonly port: number}
);

/** Whatever runs processes: a supervisor, systemd. `G` is one release's processes. */
export interface Runtime<G> {
  /** Starts the processes; none takes traffic yet. A start that fails leaves no process. */
  start(workload: Workload, options: StepOptions): Promise<G>;
  /** Resolves when every instance is healthy, or when one will not be. */
  ready(generation: G, options: StepOptions): Promise<Readiness>;
  /** Lets it take traffic, beside whoever does. */
  open(generation: G): Promise<void>;
  /** Watches for `ms`; not ready: an instance failed meanwhile. */
  watch(generation: G, ms: number, options: StepOptions): Promise<Readiness>;
  /** Stops taking traffic, finishes what was begun, ends. */
  drain(generation: G): Promise<void>;
  /** Ends it at once. Only what was never opened is stopped. */
  stop(generation: G): Promise<void>;
  /** What takes traffic now: of what was opened and neither drained nor stopped since, the last. */
  running(): G | undefined;
  /** Where each instance with a port answers before it takes traffic. Without it `checks` by tcp and http are made after `open`, on the ports. */
  reach?(generation: G): readonly Reach[];
  /** The last lines that each instance printed, by its name. Without it a check by `log` fails. */
  printed?(generation: G): ReadonlyMap<string, readonly string[]>;
}
