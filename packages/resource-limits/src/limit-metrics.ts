import {dirname} from 'node:path/posix';

import type {CgroupPath} from './cgroup-path.ts';
import {findLimits, type FoundLimits, type LimitName, type LimitSource} from './find-limits.ts';
import {countNamed, parseCount} from './kernel-files.ts';
import {type Pressure, readPressure} from './pressure.ts';
import type {LimitOverrides, ReadLimitsOptions} from './read-limits.ts';

/** How much of a limit is used right now. */
export interface LimitUse {
  /** undefined: nobody counts it. */
  readonly used?: number | undefined;
  readonly limit: number;
  readonly source: LimitSource;
  /** What counted the use: a cgroup counts all of its processes, /proc/self this one, other files of /proc the whole machine. */
  readonly countedBy?: string | undefined;
}

export interface LimitMetrics {
  readonly kind: 'limit-metrics';
  /** Bytes, the page cache included where a cgroup counts. */
  readonly memory: LimitUse;
  /** Bytes. */
  readonly swap: LimitUse;
  readonly files: LimitUse;
  /** Processes and threads. */
  readonly processes: LimitUse;
  readonly cpu: {
    readonly limit: number;
    readonly source: LimitSource;
    /** CPU time so far. */
    readonly usedSeconds?: number | undefined;
    /** Of the quota, since the cgroup exists. */
    readonly throttling?:
      | {readonly periods: number; readonly throttledPeriods: number; readonly throttledSeconds: number}
      | undefined;
  };
  readonly pressure?: Pressure | undefined;
}

type Counted = Pick<LimitUse, 'used' | 'countedBy'>;

/** Folders to look for a counter in: the cgroup that limits, then the own one of each hierarchy that has the controller. */
function countersOf({found, paths}: FoundLimits, name: LimitName | 'cpuacct', controller: string): string[] {
  const has = ({version, controllers}: CgroupPath) => version === 2 || controllers.includes(controller);
  const own = paths.filter(has).flatMap(({directories}) => directories.slice(0, 1));
  const limit = name === 'cpuacct' ? undefined : found[name];
  return limit?.source.startsWith('cgroup') ? [dirname(limit.at), ...own] : own;
}

async function firstCount({files}: FoundLimits, paths: readonly string[]): Promise<Counted | undefined> {
  for (const path of paths) {
    const used = parseCount(await files.read(path));
    if (used !== undefined) return {used, countedBy: path};
  }
  return undefined;
}

async function inMeminfo({files}: FoundLimits, total: string, free: string): Promise<Counted> {
  const text = await files.read('/proc/meminfo');
  const [all, left] = [countNamed(text, total), countNamed(text, free)];
  if (all === undefined || left === undefined) return {};
  return {used: (all - left) * 1024, countedBy: '/proc/meminfo'};
}

async function memoryUse(limits: FoundLimits): Promise<Counted> {
  const folders = countersOf(limits, 'memory', 'memory');
  const counters = folders.flatMap((at) => [`${at}/memory.current`, `${at}/memory.usage_in_bytes`]);
  return (await firstCount(limits, counters)) ?? inMeminfo(limits, 'MemTotal', 'MemAvailable');
}

/** v1 counts memory and swap together. */
async function swapUse(limits: FoundLimits): Promise<Counted> {
  const folders = countersOf(limits, 'swap', 'memory');
  const alone = await firstCount(
    limits,
    folders.map((at) => `${at}/memory.swap.current`),
  );
  if (alone) return alone;
  const both = await firstCount(
    limits,
    folders.map((at) => `${at}/memory.memsw.usage_in_bytes`),
  );
  const memory = await firstCount(
    limits,
    folders.map((at) => `${at}/memory.usage_in_bytes`),
  );
  if (both?.used === undefined || memory?.used === undefined)
    return inMeminfo(limits, 'SwapTotal', 'SwapFree');
  return {used: Math.max(0, both.used - memory.used), countedBy: both.countedBy};
}

/** Listing the descriptors needs one itself, in this process. */
async function fileUse({files}: FoundLimits, pid: number | undefined): Promise<Counted> {
  const open = await files.list('/proc/self/fd');
  if (!open) return {};
  return {used: open.length - (pid === undefined ? 1 : 0), countedBy: `/proc/${pid ?? 'self'}/fd`};
}

/** /proc/loadavg: `0.1 0.2 0.3 running/all lastpid`. */
async function processUse(limits: FoundLimits): Promise<Counted> {
  const folders = countersOf(limits, 'processes', 'pids');
  const counted = await firstCount(
    limits,
    folders.map((at) => `${at}/pids.current`),
  );
  if (counted) return counted;
  const all = /\d+\/(\d+)/.exec((await limits.files.read('/proc/loadavg')) ?? '')?.[1];
  return all === undefined ? {} : {used: Number(all), countedBy: '/proc/loadavg'};
}

/** v2 says microseconds, v1 nanoseconds; a cgroup without a quota (a cpuset that limits) has no periods. */
async function cpuUse(limits: FoundLimits): Promise<Omit<LimitMetrics['cpu'], 'limit' | 'source'>> {
  let usedSeconds: number | undefined;
  let throttling: LimitMetrics['cpu']['throttling'];
  for (const folder of countersOf(limits, 'cpus', 'cpu')) {
    const stat = await limits.files.read(`${folder}/cpu.stat`);
    const micros = countNamed(stat, 'usage_usec');
    if (micros !== undefined) usedSeconds ??= micros / 1e6;
    const [periods, throttledPeriods] = [countNamed(stat, 'nr_periods'), countNamed(stat, 'nr_throttled')];
    if (throttling || periods === undefined || throttledPeriods === undefined) continue;
    const [usec, nsec] = [countNamed(stat, 'throttled_usec'), countNamed(stat, 'throttled_time')];
    throttling = {
      periods,
      throttledPeriods,
      throttledSeconds: usec === undefined ? (nsec ?? 0) / 1e9 : usec / 1e6,
    };
  }
  const accounts = countersOf(limits, 'cpuacct', 'cpuacct').map((at) => `${at}/cpuacct.usage`);
  const nanos = usedSeconds === undefined ? (await firstCount(limits, accounts))?.used : undefined;
  return {usedSeconds: usedSeconds ?? (nanos === undefined ? undefined : nanos / 1e9), throttling};
}

/**
 * Current use against each limit of `readLimits`, and the pressure, as plain values to publish.
 * Faults: LIMITS_SIZE, LIMITS_OPTION.
 */
export async function limitMetrics(
  overrides: LimitOverrides = {},
  options: ReadLimitsOptions = {},
): Promise<LimitMetrics> {
  const limits = await findLimits(overrides, options);
  const of = (name: LimitName, counted: Counted): LimitUse => {
    const {value, source} = limits.found[name];
    return {...counted, limit: value, source};
  };
  const {value: limit, source} = limits.found.cpus;
  return {
    kind: 'limit-metrics',
    memory: of('memory', await memoryUse(limits)),
    swap: of('swap', await swapUse(limits)),
    files: of('files', await fileUse(limits, options.pid)),
    processes: of('processes', await processUse(limits)),
    cpu: {limit, source, ...(await cpuUse(limits))},
    pressure: await readPressure(limits.paths, limits.files.read),
  };
}
