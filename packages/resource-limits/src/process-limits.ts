import type {Found} from './cgroup-limits.ts';
import {countCpuList} from './cpu-list.ts';
import {parseCount, type ReadKernelFile} from './kernel-files.ts';

// Only where there is no /proc: what POSIX systems grant by default.
const FILES_WITHOUT_PROC = 1024;
const PROCESSES_WITHOUT_PROC = 32_768;

type ProcessSource = 'rlimit' | 'affinity' | 'host';
type FoundForProcess = Found<ProcessSource>;
type AtLeastOne = readonly [FoundForProcess, ...FoundForProcess[]];

export interface ProcessLimits {
  readonly memory: readonly FoundForProcess[];
  readonly cpus: readonly FoundForProcess[];
  readonly files: AtLeastOne;
  readonly processes: AtLeastOne;
}

/** Soft limit of a row of /proc/self/limits: proc(5). */
function softLimit(table: string, row: string): FoundForProcess[] {
  const line = table.split('\n').find((text) => text.startsWith(`${row} `));
  const value = parseCount(line?.slice(row.length).trim().split(/\s+/)[0]);
  return value === undefined ? [] : [{value, source: 'rlimit', at: `${row} in /proc/self/limits`}];
}

function orElse(limits: readonly FoundForProcess[], value: number): AtLeastOne {
  const [first = {value, source: 'host', at: 'assumed, there is no /proc'} as const, ...rest] = limits;
  return [first, ...rest];
}

/**
 * rlimits of this process, the CPUs that the scheduler may use for it, and the kernel's own ceilings. RLIMIT_DATA and RLIMIT_AS
 * are the most that the memory can be, not what V8 may fill: it reserves far more than it uses. RLIMIT_RSS does nothing: setrlimit(2).
 */
export async function readProcessLimits(read: ReadKernelFile): Promise<ProcessLimits> {
  const table = (await read('/proc/self/limits')) ?? '';
  const status = (await read('/proc/self/status')) ?? '';
  const allowed = countCpuList(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1]);
  const ceiling = async (name: string): Promise<FoundForProcess[]> => {
    const at = `/proc/sys/${name}`;
    const value = parseCount(await read(at));
    return value === undefined ? [] : [{value, source: 'host', at}];
  };
  return {
    memory: [...softLimit(table, 'Max data size'), ...softLimit(table, 'Max address space')],
    cpus:
      allowed === undefined
        ? []
        : [{value: allowed, source: 'affinity', at: 'Cpus_allowed_list in /proc/self/status'}],
    files: orElse(
      [...softLimit(table, 'Max open files'), ...(await ceiling('fs/nr_open'))],
      FILES_WITHOUT_PROC,
    ),
    processes: orElse(
      [
        ...softLimit(table, 'Max processes'),
        ...(await ceiling('kernel/threads-max')),
        ...(await ceiling('kernel/pid_max')),
      ],
      PROCESSES_WITHOUT_PROC,
    ),
  };
}
