import {availableParallelism, cpus, totalmem} from 'node:os';

import type {StepOptions} from '@keelson/step';

import {type Found, readCgroupLimits} from './cgroup-limits.ts';
import {readCgroupPaths} from './cgroup-path.ts';
import {LimitsFault} from './fault.ts';
import {kernelFiles} from './kernel-files.ts';
import {readProcessLimits} from './process-limits.ts';
import {parseSize} from './size.ts';

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

/** What the machine has, whatever of it we may use. */
export interface HostFacts {
  readonly memoryBytes: number;
  readonly cpus: number;
  /** CPUs that the scheduler may use for this process. */
  readonly affinity: number;
}

export interface ReadLimitsOptions extends StepOptions {
  /** Where /proc and /sys are looked up. Default '/'. */
  readonly root?: string | undefined;
  /** Default: what `node:os` says. */
  readonly host?: HostFacts | undefined;
}

function hostFacts(): HostFacts {
  const affinity = availableParallelism();
  return {memoryBytes: totalmem(), cpus: Math.max(cpus().length, affinity), affinity};
}

/** The smallest; of equals the first one. */
function smallest(first: Found<LimitSource>, ...rest: readonly Found<LimitSource>[]): Found<LimitSource> {
  return rest.reduce((least, next) => (next.value < least.value ? next : least), first);
}

function memoryOption(memory: string | number): Found<LimitSource> {
  if (typeof memory === 'string') return {value: parseSize(memory), source: 'option'};
  if (Number.isSafeInteger(memory) && memory > 0) return {value: memory, source: 'option'};
  throw new LimitsFault('LIMITS_OPTION', `memory: ${memory} is not a positive whole number of bytes`);
}

function cpusOption(value: number): Found<LimitSource> {
  if (Number.isFinite(value) && value > 0) return {value, source: 'option'};
  throw new LimitsFault('LIMITS_OPTION', `cpus: ${value} is not a positive number`, {
    hint: 'Write a number of CPUs, for example 2 or 0.5.',
  });
}

/**
 * What this process may use: the option if there is one, else the smallest of what every cgroup on its path,
 * its rlimits, its scheduler affinity and the host allow. Where nothing limits the memory: half of RAM, as CID does,
 * since the machine is then shared with everything else on it.
 * Faults: LIMITS_SIZE, LIMITS_OPTION.
 */
export async function readLimits(
  overrides: LimitOverrides = {},
  options: ReadLimitsOptions = {},
): Promise<Limits> {
  const {root = '/', host = hostFacts(), signal} = options;
  signal?.throwIfAborted();
  const optional = {
    memory: overrides.memory === undefined ? undefined : memoryOption(overrides.memory),
    cpus: overrides.cpus === undefined ? undefined : cpusOption(overrides.cpus),
  };
  const read = await kernelFiles(root);
  const cgroups = await readCgroupLimits(await readCgroupPaths(read), read);
  const own = await readProcessLimits(read);
  signal?.throwIfAborted();

  // v1 says "no limit" with a huge number, and a limit above what there is limits nothing.
  const [limit, ...limitsAbove] = cgroups.memory.filter(({value}) => value < host.memoryBytes);
  const half = {value: Math.floor(host.memoryBytes / 2), source: 'host'} as const;
  const memory = optional.memory ?? (limit ? smallest(limit, ...limitsAbove) : half);
  const all = {value: host.cpus, source: 'host'} as const;
  const cpu =
    optional.cpus ?? smallest(all, ...cgroups.cpus, {value: host.affinity, source: 'affinity'} as const);
  const files = smallest(...own.files);
  const processes = smallest(...own.processes, ...cgroups.processes);
  return {
    kind: 'limits',
    memoryBytes: memory.value,
    cpus: cpu.value,
    files: files.value,
    processes: processes.value,
    source: {memory: memory.source, cpus: cpu.source, files: files.source, processes: processes.source},
  };
}
