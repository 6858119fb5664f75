import {resolve} from 'node:path';

import type {
  CapabilityRow,
  Check,
  Format,
  InstallEvent,
  InstallPlan,
  Rendering,
  ServiceModel,
} from '@keelson/exporter';
import type {StepOptions} from '@keelson/step';

import {appModel, type AppModelOptions} from './app-model.ts';
import {AppExportFault} from './fault.ts';

export interface ExportEvent {
  readonly type: 'export:noted' | 'export:checked';
  /** What a person should know; nothing failed. */
  readonly line: string;
}

export interface ExportOptions extends StepOptions<ExportEvent | InstallEvent> {
  readonly format: Format;
  /** Directory of the units. */
  readonly out: string;
  /** Plans only. Default false. */
  readonly dryRun?: boolean | undefined;
  /** Asks the manager's own checker. Default true. */
  readonly verify?: boolean | undefined;
  readonly model?: Omit<AppModelOptions, keyof StepOptions> | undefined;
}

/** An install plan, what each field of the service model came out as, and which checks the units passed. Holds no value of the configuration. */
export interface AppExport extends Omit<InstallPlan, 'kind'> {
  readonly kind: 'export';
  readonly applied: boolean;
  readonly report: readonly CapabilityRow[];
  readonly checks: readonly Check[];
}

function notes(model: ServiceModel, missing: readonly string[]): string[] {
  return [
    ...(model.user ? [] : ['the processes run as root: --user names another account']),
    ...missing.map((name) => `${name} is in no directory of PATH yet: it is looked up when a process starts`),
  ];
}

async function checked(
  rendering: Rendering,
  model: ServiceModel,
  options: ExportOptions,
): Promise<readonly Check[]> {
  const {verifyUnits} = await import('@keelson/exporter');
  const {checks, problems} = await verifyUnits(rendering, model, {signal: options.signal});
  if (problems.length === 0) return checks;
  throw new AppExportFault('EXPORT_REJECTED', `the units would not work here:\n${problems.join('\n')}`, {
    hint: 'Nothing was written. Mend it, or use --no-verify if this is not the machine that they are for.',
  });
}

/**
 * Writes the units of the app in `dir` into a directory; with `dryRun` only says what would change. Doing it again changes nothing.
 * Units name `dir` as it is given: of `…/current` they stay right when the link moves on.
 * Faults: those of `appModel` and `renderUnits`; EXPORT_REJECTED; EXPORT_FOREIGN_FILE.
 */
export async function exportApp(dir: string, options: ExportOptions): Promise<AppExport> {
  const {format, dryRun = false, verify = true, signal, onEvent} = options;
  const {applyInstall, namedPrograms, planInstall, readInstalled, renderUnits, reportNotes} =
    await import('@keelson/exporter');
  const root = resolve(options.out);
  const paths = {...options.model?.paths, unitDir: options.model?.paths?.unitDir ?? root};
  const model = await appModel(resolve(dir), {...options.model, paths, signal});
  const rendering = await renderUnits(format, model);

  const missing = namedPrograms(model.processes.map(({command}) => command)).filter(
    (name) => !Object.hasOwn(model.programs ?? {}, name),
  );
  for (const line of [...notes(model, missing), ...reportNotes(rendering.report)]) {
    onEvent?.({type: 'export:noted', line});
  }
  const checks = verify ? await checked(rendering, model, options) : [];
  for (const {name, result, because} of checks)
    onEvent?.({type: 'export:checked', line: `${name}: ${result}${because ? ` (${because})` : ''}`});
  const {app, files, report} = rendering;
  const plan = planInstall({root, format, app, files, existing: await readInstalled(root, app, files)});
  if (!dryRun) await applyInstall(plan, files, {signal, onEvent});
  return {...plan, kind: 'export', applied: !dryRun, report, checks};
}
