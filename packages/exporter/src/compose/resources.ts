import {fileLimits} from '../launcher/limit-commands.ts';
import type {CompleteProcess} from '../model-schema.ts';
import type {Amount} from '../service-rules.ts';

const unlimited = (amount: Amount) => (amount === 'infinity' ? -1 : amount);
const ULIMITS = ['nproc', 'core', 'data', 'stack', 'memlock', 'fsize'] as const;

export function ulimits({limits}: CompleteProcess): object {
  const files = limits.nofile === undefined ? undefined : fileLimits(limits.nofile);
  const set = ULIMITS.flatMap((name) => {
    const amount = limits[name];
    return amount === undefined ? [] : [[name, unlimited(amount)] as const];
  });
  const all = {
    ...(files ? {nofile: {soft: unlimited(files.soft), hard: unlimited(files.hard)}} : {}),
    ...Object.fromEntries(set),
  };
  return Object.keys(all).length > 0 ? {ulimits: all} : {};
}

export function resources({limits}: CompleteProcess): object {
  const {memoryMax, memoryHigh, swapMax, cpuQuota, cpuWeight, cpus, tasksMax} = limits;
  return {
    ...(memoryMax === undefined ? {} : {mem_limit: memoryMax}),
    ...(memoryHigh === undefined ? {} : {mem_reservation: memoryHigh}),
    ...(swapMax === undefined || memoryMax === undefined ? {} : {memswap_limit: memoryMax + swapMax}),
    ...(cpuQuota === undefined ? {} : {cpus: cpuQuota}),
    ...(cpuWeight === undefined ? {} : {cpu_shares: Math.max(2, Math.round((cpuWeight * 1024) / 100))}),
    ...(cpus === undefined ? {} : {cpuset: cpus}),
    ...(tasksMax === undefined ? {} : {pids_limit: tasksMax}),
  };
}
