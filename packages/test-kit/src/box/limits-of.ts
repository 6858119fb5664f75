import {readFile} from 'node:fs/promises';
import {join} from 'node:path';

/** What the kernel holds a unit to, read from its cgroup; undefined where the hierarchy has no such controller. */
export interface CgroupLimits {
  readonly memoryBytes: number | undefined;
  /** In CPUs; Infinity: no quota. */
  readonly cpus: number | undefined;
  readonly tasks: number | undefined;
}

/** @param group as systemd names it: `/system.slice/shop-web-1.service` */
export async function limitsOf(root: string, group: string): Promise<CgroupLimits> {
  const read = async (controller: string, file: string): Promise<string | undefined> => {
    for (const hierarchy of [controller, '.'])
      try {
        return (await readFile(join(root, 'sys/fs/cgroup', hierarchy, group, file), 'utf8')).trim();
      } catch {
        // the other hierarchy, or none
      }
    return undefined;
  };
  const number = (text: string | undefined) =>
    text === 'max' ? Infinity : text === undefined ? text : +text;
  const quota = await read('cpu', 'cpu.cfs_quota_us');
  const [most, period] =
    quota === undefined
      ? ((await read('cpu', 'cpu.max'))?.split(' ') ?? [])
      : [quota === '-1' ? 'max' : quota, await read('cpu', 'cpu.cfs_period_us')];
  return {
    memoryBytes: number(
      (await read('memory', 'memory.limit_in_bytes')) ?? (await read('memory', 'memory.max')),
    ),
    cpus: most === undefined ? undefined : number(most)! / Number(period),
    tasks: number(await read('pids', 'pids.max')),
  };
}
