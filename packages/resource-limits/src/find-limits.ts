import {availableParallelism, cpus, totalmem} from 'node:os';

import {type CgroupSource, type Found, readCgroupLimits} from './cgroup-limits.ts';
import {type CgroupPath, readCgroupPaths} from './cgroup-path.ts';
import {LimitsFault} from './fault.ts';
import {countNamed, kernelFiles, type KernelFiles} from './kernel-files.ts';
import {readProcessLimits} from './process-limits.ts';
import type {HostFacts, LimitOverrides, ReadLimitsOptions} from './read-limits.ts';
import {formatSize, parseSize} from './size.ts';

export type LimitSource = 'option' | CgroupSource | 'rlimit' | 'affinity' | 'host';
export type LimitName = 'memory' | 'swap' | 'cpus' | 'files' | 'processes';

/** Each limit with where it was found, and what it was found with. */
export interface FoundLimits {
  readonly found: Readonly<Record<LimitName, Found<LimitSource>>>;
  readonly paths: readonly CgroupPath[];
  readonly files: KernelFiles;
  readonly host: HostFacts;
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
  if (typeof memory === 'string') return {value: parseSize(memory), source: 'option', at: 'asked for'};
  if (Number.isSafeInteger(memory) && memory > 0) return {value: memory, source: 'option', at: 'asked for'};
  throw new LimitsFault('LIMITS_OPTION', `memory: ${memory} is not a positive whole number of bytes`);
}

function cpusOption(value: number): Found<LimitSource> {
  if (Number.isFinite(value) && value > 0) return {value, source: 'option', at: 'asked for'};
  throw new LimitsFault('LIMITS_OPTION', `cpus: ${value} is not a positive number`, {
    hint: 'Write a number of CPUs, for example 2 or 0.5.',
  });
}

/** Of what is below the RAM the smallest, for a limit above what there is limits nothing; else half of the RAM. */
function memoryOf(limits: readonly Found<LimitSource>[], {memoryBytes}: HostFacts): Found<LimitSource> {
  const [first, ...rest] = limits.filter(({value}) => value < memoryBytes);
  if (first) return smallest(first, ...rest);
  const at = `half of the RAM of ${formatSize(memoryBytes)}, which nothing limits`;
  return {value: Math.floor(memoryBytes / 2), source: 'host', at};
}

/** Faults: LIMITS_SIZE, LIMITS_OPTION. */
export async function findLimits(
  overrides: LimitOverrides,
  {root = '/', host = hostFacts(), pid, onEvent, signal}: ReadLimitsOptions,
): Promise<FoundLimits> {
  signal?.throwIfAborted();
  const memory = overrides.memory === undefined ? undefined : memoryOption(overrides.memory);
  const cpu = overrides.cpus === undefined ? undefined : cpusOption(overrides.cpus);

  const files = await kernelFiles({root, pid, onEvent});
  const paths = await readCgroupPaths(files);
  const cgroups = await readCgroupLimits(paths, files.read);
  const own = await readProcessLimits(files.read);
  const kilobytes = countNamed(await files.read('/proc/meminfo'), 'SwapTotal') ?? 0;
  signal?.throwIfAborted();

  const allCpus = {value: host.cpus, source: 'host', at: "this machine's CPUs"} as const;
  const swap = {value: kilobytes * 1024, source: 'host', at: 'SwapTotal in /proc/meminfo'} as const;
  const affinity = own.cpus[0] ?? {value: host.affinity, source: 'affinity', at: 'of this process'};
  return {
    found: {
      memory: memory ?? memoryOf([...cgroups.memory, ...own.memory], host),
      swap: smallest(swap, ...cgroups.swap),
      cpus: cpu ?? smallest(allCpus, ...cgroups.cpus, affinity),
      files: smallest(...own.files),
      processes: smallest(...own.processes, ...cgroups.processes),
    },
    paths,
    files,
    host,
  };
}
