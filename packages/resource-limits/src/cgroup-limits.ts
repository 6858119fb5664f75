import type {CgroupPath} from './cgroup-path.ts';
import {countCpuList} from './cpu-list.ts';
import {countNamed, parseCount, type ReadKernelFile} from './kernel-files.ts';

/** A limit, the kind of place it comes from, and the file that says it. */
export interface Found<Source extends string = string> {
  readonly value: number;
  readonly source: Source;
  readonly at: string;
}

export type CgroupSource = 'cgroup2' | 'cgroup1';
type FoundInCgroup = Found<CgroupSource>;

export interface CgroupLimits {
  readonly memory: readonly FoundInCgroup[];
  /** What may be swapped out, on top of memory. */
  readonly swap: readonly FoundInCgroup[];
  readonly cpus: readonly FoundInCgroup[];
  readonly processes: readonly FoundInCgroup[];
}

/** What one file of a cgroup (and its neighbours) limits to; undefined: nothing. */
interface Reading {
  readonly file: string;
  readonly version: 1 | 2;
  /** v1: only where this controller is mounted. */
  readonly controller?: string;
  /** 0 is a limit too. */
  readonly zero?: boolean;
  value(directory: string, read: ReadKernelFile): Promise<number | undefined>;
}

const count = (file: string): Pick<Reading, 'file' | 'value'> => ({
  file,
  value: async (directory, read) => parseCount(await read(`${directory}/${file}`)),
});

const cpuList = (file: string): Pick<Reading, 'file' | 'value'> => ({
  file,
  value: async (directory, read) => countCpuList(await read(`${directory}/${file}`)),
});

function quotaOf(quota: string | undefined, period: string | undefined): number | undefined {
  const [runtime, length] = [parseCount(quota), parseCount(period)];
  return runtime && length ? runtime / length : undefined;
}

const cpuMax: Pick<Reading, 'file' | 'value'> = {
  file: 'cpu.max',
  async value(directory, read) {
    const [quota, period] = ((await read(`${directory}/cpu.max`)) ?? '').trim().split(' ');
    return quotaOf(quota, period);
  },
};

const cfsQuota: Pick<Reading, 'file' | 'value'> = {
  file: 'cpu.cfs_quota_us',
  value: async (directory, read) =>
    quotaOf(await read(`${directory}/cpu.cfs_quota_us`), await read(`${directory}/cpu.cfs_period_us`)),
};

/** v1 also tells the smallest limit of all ancestors, those included that a container does not show. */
const hierarchicalMemory: Pick<Reading, 'file' | 'value'> = {
  file: 'memory.stat',
  value: async (directory, read) =>
    countNamed(await read(`${directory}/memory.stat`), 'hierarchical_memory_limit'),
};

/** v1 limits memory and swap together. */
const memoryAndSwap: Pick<Reading, 'file' | 'value'> = {
  file: 'memory.memsw.limit_in_bytes',
  async value(directory, read) {
    const both = parseCount(await read(`${directory}/memory.memsw.limit_in_bytes`));
    const memory = parseCount(await read(`${directory}/memory.limit_in_bytes`));
    return both === undefined || memory === undefined ? undefined : Math.max(0, both - memory);
  },
};

/** Which files say what: cgroup-v2.rst, and cgroup-v1/{memory,cpusets,pids}.rst and sched-bwc.rst of the kernel. */
const READINGS: Readonly<Record<keyof CgroupLimits, readonly Reading[]>> = {
  memory: [
    {version: 2, ...count('memory.max')},
    {version: 2, ...count('memory.high')},
    {version: 1, controller: 'memory', ...count('memory.limit_in_bytes')},
    {version: 1, controller: 'memory', ...hierarchicalMemory},
  ],
  swap: [
    {version: 2, zero: true, ...count('memory.swap.max')},
    {version: 1, zero: true, controller: 'memory', ...memoryAndSwap},
  ],
  cpus: [
    {version: 2, ...cpuMax},
    {version: 2, ...cpuList('cpuset.cpus.effective')},
    {version: 1, controller: 'cpu', ...cfsQuota},
    {version: 1, controller: 'cpuset', ...cpuList('cpuset.cpus')},
  ],
  processes: [
    {version: 2, ...count('pids.max')},
    {version: 1, controller: 'pids', ...count('pids.max')},
  ],
};

/** Every limit of one kind that a cgroup on the way up sets: a parent's counts as much as the own one. */
async function limitsOf(
  name: keyof CgroupLimits,
  paths: readonly CgroupPath[],
  read: ReadKernelFile,
): Promise<FoundInCgroup[]> {
  const found: FoundInCgroup[] = [];
  for (const {version, controllers, directories} of paths) {
    const readings = READINGS[name].filter(
      (reading) =>
        reading.version === version &&
        (reading.controller === undefined || controllers.includes(reading.controller)),
    );
    for (const directory of directories) {
      for (const {file, zero = false, ...reading} of readings) {
        const value = await reading.value(directory, read);
        if (value !== undefined && (value > 0 || zero))
          found.push({value, source: `cgroup${version}`, at: `${directory}/${file}`});
      }
    }
  }
  return found;
}

export async function readCgroupLimits(
  paths: readonly CgroupPath[],
  read: ReadKernelFile,
): Promise<CgroupLimits> {
  return {
    memory: await limitsOf('memory', paths, read),
    swap: await limitsOf('swap', paths, read),
    cpus: await limitsOf('cpus', paths, read),
    processes: await limitsOf('processes', paths, read),
  };
}
