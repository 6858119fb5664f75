import type {Found} from './cgroup-limits.ts';
import {parseCount, type ReadKernelFile} from './kernel-files.ts';

// Only where there is no /proc: what POSIX systems grant by default.
const FILES_WITHOUT_PROC = 1024;
const PROCESSES_WITHOUT_PROC = 32_768;

type ProcessSource = 'rlimit' | 'host';
type AtLeastOne = readonly [Found<ProcessSource>, ...Found<ProcessSource>[]];

export interface ProcessLimits {
  readonly files: AtLeastOne;
  readonly processes: AtLeastOne;
}

/** Soft limit of a row of /proc/self/limits: proc(5). Address space is left out: V8 reserves far more than it uses. */
function softLimit(table: string, row: string): number | undefined {
  const line = table.split('\n').find((text) => text.startsWith(`${row} `));
  return parseCount(line?.slice(row.length).trim().split(/\s+/)[0]);
}

function found(source: ProcessSource, value: number | undefined): Found<ProcessSource>[] {
  return value === undefined ? [] : [{value, source}];
}

function orElse(limits: readonly Found<ProcessSource>[], value: number): AtLeastOne {
  const [first = {value, source: 'host'} as const, ...rest] = limits;
  return [first, ...rest];
}

/** rlimits of this process and the kernel's own ceilings. */
export async function readProcessLimits(read: ReadKernelFile): Promise<ProcessLimits> {
  const table = (await read('/proc/self/limits')) ?? '';
  const ceiling = async (name: string) => found('host', parseCount(await read(`/proc/sys/${name}`)));
  const files = [...found('rlimit', softLimit(table, 'Max open files')), ...(await ceiling('fs/nr_open'))];
  const processes = [
    ...found('rlimit', softLimit(table, 'Max processes')),
    ...(await ceiling('kernel/threads-max')),
    ...(await ceiling('kernel/pid_max')),
  ];
  return {files: orElse(files, FILES_WITHOUT_PROC), processes: orElse(processes, PROCESSES_WITHOUT_PROC)};
}
