import type {CgroupPath} from './cgroup-path.ts';
import {parseCount, type ReadKernelFile} from './kernel-files.ts';

/** A limit and the kind of place it comes from. */
export interface Found<Source extends string = string> {
  readonly value: number;
  readonly source: Source;
}

type CgroupSource = 'cgroup2' | 'cgroup1';

export interface CgroupLimits {
  readonly memory: readonly Found<CgroupSource>[];
  readonly cpus: readonly Found<CgroupSource>[];
  readonly processes: readonly Found<CgroupSource>[];
}

type Reading = (directory: string, read: ReadKernelFile) => Promise<number | undefined>;

const count =
  (file: string): Reading =>
  async (directory, read) =>
    parseCount(await read(`${directory}/${file}`));

/** Number of CPUs in a list like `0-3,7`; undefined for an empty one, which in v1 means "not set up", not "none". */
function countCpuList(text: string | undefined): number | undefined {
  const ranges = (text ?? '').trim().split(',').filter(Boolean);
  let total = 0;
  for (const range of ranges) {
    const [first, last] = range.split('-').map(Number);
    const many = (last ?? first ?? NaN) - (first ?? NaN) + 1;
    if (!Number.isInteger(many) || many < 1) return undefined;
    total += many;
  }
  return total === 0 ? undefined : total;
}

const cpuList =
  (file: string): Reading =>
  async (directory, read) =>
    countCpuList(await read(`${directory}/${file}`));

function quotaOf(quota: string | undefined, period: string | undefined): number | undefined {
  const [runtime, length] = [parseCount(quota), parseCount(period)];
  return runtime && length ? runtime / length : undefined;
}

const cpuMax: Reading = async (directory, read) => {
  const [quota, period] = ((await read(`${directory}/cpu.max`)) ?? '').trim().split(' ');
  return quotaOf(quota, period);
};

const cfsQuota: Reading = async (directory, read) =>
  quotaOf(await read(`${directory}/cpu.cfs_quota_us`), await read(`${directory}/cpu.cfs_period_us`));

/** Which files say what: cgroup-v2.rst, and cgroup-v1/{memory,cpusets,pids}.rst and sched-bwc.rst of the kernel. */
const READINGS: Record<
  keyof CgroupLimits,
  {readonly 2: readonly Reading[]; readonly 1: readonly (readonly [controller: string, Reading])[]}
> = {
  memory: {2: [count('memory.max'), count('memory.high')], 1: [['memory', count('memory.limit_in_bytes')]]},
  cpus: {
    2: [cpuMax, cpuList('cpuset.cpus.effective')],
    1: [
      ['cpu', cfsQuota],
      ['cpuset', cpuList('cpuset.cpus')],
    ],
  },
  processes: {2: [count('pids.max')], 1: [['pids', count('pids.max')]]},
};

async function readOne(
  name: keyof CgroupLimits,
  paths: readonly CgroupPath[],
  read: ReadKernelFile,
): Promise<Found<CgroupSource>[]> {
  const found: Found<CgroupSource>[] = [];
  for (const {version, controllers, directories} of paths) {
    const readings =
      version === 2
        ? READINGS[name][2]
        : READINGS[name][1].filter(([of]) => controllers.includes(of)).map(([, reading]) => reading);
    for (const directory of directories) {
      for (const reading of readings) {
        const value = await reading(directory, read);
        if (value !== undefined && value > 0) found.push({value, source: `cgroup${version}`});
      }
    }
  }
  return found;
}

/** Every limit that a cgroup on the way up sets: a parent's counts as much as the own one. */
export async function readCgroupLimits(
  paths: readonly CgroupPath[],
  read: ReadKernelFile,
): Promise<CgroupLimits> {
  return {
    memory: await readOne('memory', paths, read),
    cpus: await readOne('cpus', paths, read),
    processes: await readOne('processes', paths, read),
  };
}
