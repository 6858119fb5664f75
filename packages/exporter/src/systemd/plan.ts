import type {CompleteModel} from '../model-schema.ts';
import {type PlannedProcess, plannedProcesses} from '../planned-processes.ts';

/** A user's own manager runs everything as that user, so a unit of it names no account. */
export function planFor(model: CompleteModel): PlannedProcess[] {
  const planned = plannedProcesses(model);
  if (model.target.scope === 'system') return planned;
  return planned.map((one) => ({...one, user: undefined, group: undefined}));
}
