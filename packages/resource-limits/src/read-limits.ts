import type {StepOptions} from '@keelson/step';

export type LimitSource = 'option' | 'cgroup2' | 'cgroup1' | 'rlimit' | 'affinity' | 'host';

export interface Limits {
  readonly kind: 'limits';
  readonly memoryBytes: number;
  /** May be a fraction: a quota of half a CPU is 0.5. */
  readonly cpus: number;
  /** Open file descriptors of one process. */
  readonly files: number;
  /** Processes and threads. */
  readonly processes: number;
  readonly source: Readonly<Record<'memory' | 'cpus' | 'files' | 'processes', LimitSource>>;
}

export interface LimitOverrides {
  /** Bytes, or a size like `512M`. */
  readonly memory?: string | number | undefined;
  readonly cpus?: number | undefined;
}

export interface HostFacts {
  readonly memoryBytes: number;
  readonly cpus: number;
  /** CPUs that the scheduler may use for this process. */
  readonly affinity: number;
}

export interface ReadLimitsOptions extends StepOptions {
  /** Where /proc and /sys are looked up. Default '/'. */
  readonly root?: string | undefined;
  /** What the machine has. Default: what `node:os` says. */
  readonly host?: HostFacts | undefined;
}

export async function readLimits(
  overrides: LimitOverrides = {},
  options: ReadLimitsOptions = {},
): Promise<Limits> {
  throw new Error(`not yet ${JSON.stringify([overrides, options])}`);
}
