import type {AppManifest} from '@keelson/manifest';
import type {Instance} from '@keelson/procfile';
import {
  distribute,
  nodeMemory,
  type Allocation,
  type EntryPoint,
  type Limits,
} from '@keelson/resource-limits';
import type {PlannedInstance} from './runtime.ts';

/**
 * Shares memory and CPUs out over the instances. Of a web type the allocation says how many processes make sense: they become
 * the workers of its instances, which share each instance's socket, at most one for each CPU. Other types get exactly
 * the instances of the formation. Faults: those of resource-limits.
 */
export function shareMachine(
  instances: readonly Instance[],
  limits: Limits,
  manifest: AppManifest,
): PlannedInstance[] {
  const counts = new Map<string, number>();
  for (const {type} of instances) counts.set(type, (counts.get(type) ?? 0) + 1);
  const entries = [...counts].map(([name, count]) => entryPoint(name, count, manifest));
  const allocations = distributeAtLeast(limits, entries, counts);
  return instances.map((instance) => {
    const allocation = allocations.get(instance.type)!;
    const count = counts.get(instance.type)!;
    const workers = instance.type === 'web' ? workersOf(allocation, count, {limits, manifest}) : 1;
    const memoryBytes = Math.floor(allocation.totalMemoryBytes / (count * workers));
    const {heapMegabytes, nodeOptions} = nodeMemory(memoryBytes);
    const {threadPoolSize} = allocation;
    const {stopSignal, graceMs} = manifest.app.processes[instance.type] ?? {};
    return {
      ...instance,
      workers,
      memoryBytes,
      heapMegabytes,
      nodeOptions,
      threadPoolSize,
      stopSignal,
      graceMs,
    };
  });
}

function entryPoint(name: string, count: number, {app}: AppManifest): EntryPoint {
  const needs = app.processes[name] ?? {};
  return name === 'web' ? {...needs, name} : {...needs, name, instances: count};
}

/** A formation with more web instances than the allocation has processes gets as many as it asks for. */
function distributeAtLeast(
  limits: Limits,
  entries: readonly EntryPoint[],
  counts: ReadonlyMap<string, number>,
): Map<string, Allocation> {
  const first = distribute(limits, entries);
  const short = new Set(
    first.filter(({name, instances}) => instances < counts.get(name)!).map(({name}) => name),
  );
  const all =
    short.size === 0
      ? first
      : distribute(
          limits,
          entries.map((entry) =>
            short.has(entry.name) ? {...entry, instances: counts.get(entry.name)!} : entry,
          ),
        );
  return new Map(all.map((allocation) => [allocation.name, allocation]));
}

function workersOf(
  allocation: Allocation,
  count: number,
  {limits, manifest}: {readonly limits: Limits; readonly manifest: AppManifest},
): number {
  const asked = manifest.app.processes[allocation.name]?.instances !== undefined;
  const processes = asked ? allocation.instances : Math.min(allocation.instances, Math.ceil(limits.cpus));
  return Math.max(1, Math.floor(processes / count));
}
