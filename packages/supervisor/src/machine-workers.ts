import type {Instance} from '@keelson/procfile';
import {distribute, type Limits, nodeMemory, readLimits} from '@keelson/resource-limits';
import {isFault} from '@keelson/step';
import {takesTraffic} from './worker-plans.ts';
import type {SupervisedInstance} from './workload.ts';

/**
 * Each web instance with a worker for each CPU that we may use. Where a cgroup or rlimit limits the memory there are only so
 * many as it is enough for, and every process is told its share of it: by itself each would take half of the limit for its heap.
 */
export async function withMachineWorkers(
  instances: readonly Instance[],
  signal: AbortSignal | undefined,
): Promise<SupervisedInstance[]> {
  const limits = await readLimits({}, {signal});
  const perCpu = Math.max(1, Math.floor(limits.cpus));
  if (limits.source.memory !== 'host') {
    for (let workers = perCpu; workers > 0; workers--) {
      const shared = sharedOut(instances, workers, limits);
      if (shared) return shared;
    }
  }
  return instances.map((instance) => (takesTraffic(instance) ? {...instance, workers: perCpu} : instance));
}

/** undefined: the memory is not enough for so many. */
function sharedOut(
  instances: readonly Instance[],
  workers: number,
  limits: Limits,
): SupervisedInstance[] | undefined {
  const processes = new Map<string, number>();
  for (const instance of instances) {
    const more = takesTraffic(instance) ? workers : 1;
    processes.set(instance.type, (processes.get(instance.type) ?? 0) + more);
  }
  try {
    const entryPoints = [...processes].map(([name, count]) => ({name, instances: count}));
    const shares = new Map(
      distribute(limits, entryPoints, {explain: false}).map((share) => [share.name, share]),
    );
    return instances.map((instance) => {
      const {memoryBytes, threadPoolSize} = shares.get(instance.type)!;
      const {heapMegabytes, nodeOptions} = nodeMemory(memoryBytes);
      const share = {memoryBytes, heapMegabytes, nodeOptions, threadPoolSize};
      return {...instance, ...share, ...(takesTraffic(instance) && {workers})};
    });
  } catch (error) {
    if (isFault(error) && error.code === 'LIMITS_DEFICIT') return undefined;
    throw error;
  }
}
