import type {Workload} from './workload.ts';

/** A workload with the sizes that somebody asked for since: by name, else by type, else for all. */
export function sized(workload: Workload, sizes: ReadonlyMap<string | undefined, number>): Workload {
  const instances = workload.instances.map((instance) => {
    const workers = sizes.get(instance.name) ?? sizes.get(instance.type) ?? sizes.get(undefined);
    return workers === undefined || instance.type !== 'web' ? instance : {...instance, workers};
  });
  return {...workload, instances};
}
