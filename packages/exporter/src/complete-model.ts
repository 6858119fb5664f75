import {FORMATS, type Format} from './formats/table.ts';
import type {UnitFormat} from './formats/unit-format.ts';
import type {CompleteModel} from './model-schema.ts';
import {parseServiceModel} from './parse-model.ts';
import {type PlannedProcess, plannedProcesses} from './planned-processes.ts';
import type {ServiceModel} from './service-model.ts';

export interface ModelOfFormat {
  readonly adapter: UnitFormat;
  readonly complete: CompleteModel;
  readonly planned: readonly PlannedProcess[];
}

/** A checked model with every default, those of the format too, and every instance of it. Faults: EXPORT_MODEL. */
export async function completeModel(format: Format, model: ServiceModel): Promise<ModelOfFormat> {
  const parsed = await parseServiceModel(model);
  const adapter: UnitFormat = await FORMATS[format]();
  const complete = {...parsed, unitDir: parsed.unitDir ?? adapter.DIRECTORY};
  return {adapter, complete, planned: (adapter.planFor ?? plannedProcesses)(complete)};
}
