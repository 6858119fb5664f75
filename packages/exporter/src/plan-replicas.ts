import type {CompleteModel} from './model-schema.ts';
import {type PlannedProcess, plannedProcesses} from './planned-processes.ts';

/** One a process type, for engines that count alike copies themselves: each of those has a network, so the same port, of its own. */
export function planReplicas(model: CompleteModel): PlannedProcess[] {
  const once = {...model, processes: model.processes.map((of) => ({...of, instances: 1}))};
  return plannedProcesses(once).map((one, index) => ({...one, of: model.processes[index]!}));
}
