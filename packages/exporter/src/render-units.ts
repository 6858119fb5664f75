import {checkReadBack} from './check-read-back.ts';
import {FORMATS, type Format} from './formats/table.ts';
import {parseServiceModel} from './parse-model.ts';
import {plannedProcesses} from './planned-processes.ts';
import {capabilityReport, type CapabilityRow} from './capability-report.ts';
import type {ServiceModel} from './service-model.ts';

export interface UnitFile {
  /** File name, relative to the directory of the units. */
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

export interface Rendering {
  readonly kind: 'rendering';
  readonly format: Format;
  readonly app: string;
  readonly files: readonly UnitFile[];
  readonly report: readonly CapabilityRow[];
}

/**
 * The files that make a process manager run the services of a model, and how each field of the model came out.
 * Changes nothing. The files are read back and compared with the model before they are returned.
 * Faults: EXPORT_MODEL, EXPORT_VALUE, EXPORT_MISMATCH.
 */
export async function renderUnits(format: Format, model: ServiceModel): Promise<Rendering> {
  const complete = await parseServiceModel(model);
  const adapter = await FORMATS[format]();
  const planned = plannedProcesses(complete);
  const files = await adapter.renderFiles(complete, planned);
  checkReadBack(planned, adapter.readFiles(files, complete));
  return {
    kind: 'rendering',
    format,
    app: complete.name,
    files,
    report: capabilityReport(model, adapter.CAPABILITIES, planned),
  };
}
