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
  /** A directory to write the files to; or, to install them for good, the manager's own and what it is told, below `root` if there is one. */
  readonly to: {readonly out: string} | {readonly install: true; readonly root?: string | undefined};
  /** Plans only. Default false. */
  readonly dryRun?: boolean | undefined;
  readonly check?: CheckOptions | undefined;
  readonly model?: Omit<AppModelOptions, keyof StepOptions> | undefined;
  /** `web.limits.memoryMax=268435456`: single fields of the service model. */
  readonly set?: readonly string[] | undefined;
  /** Directories with templates of one's own. */
  readonly templates?: readonly string[] | undefined;
}

interface CheckOptions {
  /** Asks the manager's own checker. Default true. */
  readonly verify?: boolean | undefined;
  /** Fails where the format has no word for a field that is set. Default false: says so. */
  readonly strict?: boolean | undefined;
}

/** An install plan, what each field of the service model came out as, and which checks the units passed. Holds no value of the configuration. */
export interface AppExport extends Omit<InstallPlan, 'kind'> {
  readonly kind: 'export';
  readonly applied: boolean;
  /** What the manager is told. */
  readonly commands: readonly (readonly string[])[];
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

async function renderedModel(dir: string, options: ExportOptions): Promise<ServiceModel> {
  const {to, set = [], signal} = options;
  const {applySettings} = await import('./apply-settings.ts');
  const unitDir = options.model?.paths?.unitDir ?? ('out' in to ? resolve(to.out) : undefined);
  const model = await appModel(resolve(dir), {
    ...options.model,
    paths: {...options.model?.paths, unitDir},
    signal,
  });
  return applySettings(model, set);
}

/** Writes, or installs; with `dryRun` neither. */
async function planned(
  {format, app, files}: Rendering,
  {to, dryRun = false, signal, onEvent}: ExportOptions,
  model: ServiceModel,
): Promise<Omit<AppExport, 'kind' | 'report' | 'checks'>> {
  const exporter = await import('@keelson/exporter');
  if ('out' in to) {
    const root = resolve(to.out);
    const existing = await exporter.readInstalled(root, app, files);
    const {kind: _, ...plan} = exporter.planInstall({root, format, app, files, existing});
    const whole = {kind: 'install-plan', ...plan} as const;
    if (!dryRun) await exporter.applyInstall(whole, files, {signal, onEvent});
    return {...plan, applied: !dryRun, commands: []};
  }
  const scope = model.target?.scope;
  const install = await exporter.planAppInstall({
    format,
    app,
    files,
    root: to.root,
    scope,
    directory: model.unitDir,
  });
  if (!dryRun) await exporter.applyAppInstall(install, {signal, onEvent});
  const {kind: _, before, after, ...plan} = install.plan;
  return {...plan, applied: !dryRun, commands: [...before, ...after].map(({run}) => run)};
}

/**
 * Writes the units of the app in `dir` into a directory, or installs them; with `dryRun` only says what would change. Doing it again changes
 * nothing. Units name `dir` as it is given: of `…/current` they stay right when the link moves on.
 * Faults: those of `appModel`, `renderUnits` and `applyAppInstall`; EXPORT_REJECTED; EXPORT_SETTING.
 */
export async function exportApp(dir: string, options: ExportOptions): Promise<AppExport> {
  const {format, check: {verify = true, strict} = {}, templates, onEvent} = options;
  const {namedPrograms, renderUnits, reportNotes} = await import('@keelson/exporter');
  const model = await renderedModel(dir, options);
  const rendering = await renderUnits(format, model, {templates, strict});
  const missing = namedPrograms(model.processes.map(({command}) => command)).filter(
    (name) => !Object.hasOwn(model.programs ?? {}, name),
  );
  for (const line of [...notes(model, missing), ...reportNotes(rendering.report)]) {
    onEvent?.({type: 'export:noted', line});
  }
  const checks = verify ? await checked(rendering, model, options) : [];
  for (const {name, result, because} of checks)
    onEvent?.({type: 'export:checked', line: `${name}: ${result}${because ? ` (${because})` : ''}`});
  const done = await planned(rendering, options, model);
  return {...done, kind: 'export', report: rendering.report, checks};
}
