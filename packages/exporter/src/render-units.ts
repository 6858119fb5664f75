import {checkReadBack} from './check-read-back.ts';
import {completeModel} from './complete-model.ts';
import {ExportFault} from './fault.ts';
import type {Format} from './formats/table.ts';
import {capabilityReport, type CapabilityRow} from './capability-report.ts';
import type {TemplateOptions} from './load-templates.ts';
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
  /** Absolute: of logs, where the manager does not make them itself. */
  readonly directories?: readonly string[] | undefined;
}

export interface RenderOptions extends TemplateOptions {
  /** A field that is set and that the format has no word for is a fault. Default false: the report says so. */
  readonly strict?: boolean | undefined;
}

function refuseUnsupported(format: Format, report: readonly CapabilityRow[]): void {
  const missing = report.filter(({status}) => status === 'unsupported');
  if (missing.length === 0) return;
  const lines = missing.map(({process = 'app', field, by}) => `${process}: ${field}: ${by}`);
  throw new ExportFault(
    'EXPORT_UNSUPPORTED',
    `${format} cannot do everything that is asked for:\n${lines.join('\n')}`,
    {
      hint: 'Leave it out, choose another format, or export without strict.',
    },
  );
}

/**
 * The files that make a process manager run the services of a model, and how each field of the model came out.
 * Changes nothing. The files are read back and compared with the model before they are returned.
 * Faults: EXPORT_MODEL, EXPORT_VALUE, EXPORT_MISMATCH, EXPORT_UNSUPPORTED.
 */
export async function renderUnits(
  format: Format,
  model: ServiceModel,
  options: RenderOptions = {},
): Promise<Rendering> {
  const {adapter, complete, planned} = await completeModel(format, model);
  const report = capabilityReport(
    model,
    {complete, planned},
    {capabilities: adapter.CAPABILITIES, capabilityOf: adapter.capabilityOf},
  );
  if (options.strict) refuseUnsupported(format, report);
  const files = await adapter.renderFiles(complete, planned, options);
  checkReadBack(planned, adapter.readFiles(files, complete));
  const directories = [...new Set(adapter.logDirectories?.(complete, planned))];
  return {
    kind: 'rendering',
    format,
    app: complete.name,
    files,
    report,
    ...(directories.length > 0 && {directories}),
  };
}
