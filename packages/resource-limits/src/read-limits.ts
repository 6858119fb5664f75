import type {StepOptions} from '@keelson/step';

import {findLimits, type LimitName, type LimitSource} from './find-limits.ts';
import type {LimitsEvent} from './kernel-files.ts';
import {type Pressure, readPressure} from './pressure.ts';

export interface Limits {
  readonly kind: 'limits';
  readonly memoryBytes: number;
  /** What may be swapped out on top of the memory; never shared out. */
  readonly swapBytes: number;
  /** May be a fraction: a quota of half a CPU is 0.5. */
  readonly cpus: number;
  /** Open file descriptors of one process. */
  readonly files: number;
  /** Processes and threads. */
  readonly processes: number;
  readonly source: Readonly<Record<LimitName, LimitSource>>;
  /** Which file, or what else, says each number. */
  readonly reasons: Readonly<Record<LimitName, string>>;
  /** How scarce memory, CPU and disk are right now; undefined where the kernel doesn't tell. */
  readonly pressure?: Pressure | undefined;
}

export interface LimitOverrides {
  /** Bytes, or a size like `512M`. */
  readonly memory?: string | number | undefined;
  readonly cpus?: number | undefined;
}

/** What the machine has, whatever of it we may use. */
export interface HostFacts {
  readonly memoryBytes: number;
  readonly cpus: number;
  /** CPUs that the scheduler may use for this process, where /proc does not tell. */
  readonly affinity: number;
}

export interface ReadLimitsOptions extends StepOptions<LimitsEvent> {
  /** Of which process. Default: this one. */
  readonly pid?: number | undefined;
  /** Where /proc and /sys are looked up. Default '/'. */
  readonly root?: string | undefined;
  /** Default: what `node:os` says. */
  readonly host?: HostFacts | undefined;
}

/**
 * What this process may use: the option if there is one, else the smallest of what every cgroup on its path,
 * its rlimits, its scheduler affinity and the host allow. Where nothing limits the memory: half of RAM, as CID does,
 * since the machine is then shared with everything else on it. A file that may not be read is told as an event.
 * Faults: LIMITS_SIZE, LIMITS_OPTION.
 */
export async function readLimits(
  overrides: LimitOverrides = {},
  options: ReadLimitsOptions = {},
): Promise<Limits> {
  const {found, paths, files: kernel} = await findLimits(overrides, options);
  const {memory, swap, cpus, files, processes} = found;
  return {
    kind: 'limits',
    memoryBytes: memory.value,
    swapBytes: swap.value,
    cpus: cpus.value,
    files: files.value,
    processes: processes.value,
    source: {
      memory: memory.source,
      swap: swap.source,
      cpus: cpus.source,
      files: files.source,
      processes: processes.source,
    },
    reasons: {memory: memory.at, swap: swap.at, cpus: cpus.at, files: files.at, processes: processes.at},
    pressure: await readPressure(paths, kernel.read),
  };
}
