import {stat} from 'node:fs/promises';
import {resolve} from 'node:path';

import type {CapabilityRow, Check, Format, InstallEvent, Rendering, ServiceModel} from '@keelson/exporter';
import type {StepOptions} from '@keelson/step';

import {appModel, type AppModelOptions} from './app-model.ts';
import {AppExportFault} from './fault.ts';
import {type Placed, placeUnits} from './place-units.ts';
import type {Runner} from './run-by.ts';

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
  /** Directories with templates of one's own, asked before those of the app and the user. */
  readonly templates?: readonly string[] | undefined;
  /** What runs the processes below the manager. Default: nothing. */
  readonly runner?: {readonly kind: Runner; readonly exporter?: string | undefined} | undefined;
}

interface CheckOptions {
  /** Asks the manager's own checker. Default true. */
  readonly verify?: boolean | undefined;
  /** Fails where the format has no word for a field that is set. Default false: says so. */
  readonly strict?: boolean | undefined;
  /** Uid of who had root do it: root uses templates of the app that are root's or of this account. Default: root's alone. */
  readonly caller?: number | undefined;
}

/** An install plan, what each field of the service model came out as, and which checks the units passed. Holds no value of the configuration. */
export interface AppExport extends Placed {
  readonly kind: 'export';
  readonly report: readonly CapabilityRow[];
  readonly checks: readonly Check[];
}

function notes(model: ServiceModel, missing: readonly string[]): string[] {
  const ofUser = model.target?.scope === 'user';
  return [
    ...(model.user || ofUser ? [] : ['the processes run as root: --user names another account']),
    ...(ofUser ? ['they end with the last session of the user: see loginctl enable-linger'] : []),
    ...missing.map((name) => `${name} is in no directory of PATH yet: it is looked up when a process starts`),
  ];
}

/** An install starts nothing. */
function howToStart(
  {app, applied, unchanging}: Placed,
  {format, to}: ExportOptions,
  {target}: ServiceModel,
): string[] {
  if (format !== 'systemd' || 'out' in to || to.root !== undefined || !applied || unchanging) return [];
  const systemctl = target?.scope === 'user' ? 'systemctl --user' : 'systemctl';
  return [`${systemctl} start ${app}.target starts what does not run; restart takes over what has changed`];
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

async function checkDirectory(dir: string): Promise<void> {
  const status = await stat(dir).catch(() => undefined);
  if (status?.isDirectory()) return;
  throw new AppExportFault('EXPORT_DIR', `${dir} ${status ? 'is no directory' : 'does not exist'}`, {
    hint: 'Name the directory of the app: the one with its Procfile.',
  });
}

/** The model of what is asked for, with everything that follows from it. */
async function wholeModel(
  dir: string,
  options: ExportOptions,
): Promise<{readonly model: ServiceModel; readonly notes: readonly string[]}> {
  const {to, set = [], signal, onEvent, format, runner = {kind: 'none'}} = options;
  const [{applySettings}, {nodeProgram}, {privilegedPorts}, {runBy}, {installDirectory}] = await Promise.all([
    import('./apply-settings.ts'),
    import('./node-program.ts'),
    import('./privileged-ports.ts'),
    import('./run-by.ts'),
    import('@keelson/exporter'),
  ]);
  const node = await nodeProgram(options.model?.paths?.node);
  const unitDir = options.model?.paths?.unitDir ?? ('out' in to ? resolve(to.out) : undefined);
  const app = await appModel(resolve(dir), {...options.model, paths: {unitDir, node}, signal, onEvent});
  const run = await runBy(runner.kind, app, {
    procfile: options.model?.procfile,
    exporter: runner.exporter,
    node,
  });
  const {model, notes: told} = privilegedPorts(applySettings(run, set));
  if (model.target?.scope !== 'user') return {model, notes: told};
  // The owner of the directory is no wish; whose services they are is.
  const {user, ...rest} = model;
  const whose = options.model?.user === undefined ? rest : {...rest, user};
  const ofUser = 'install' in to ? await installDirectory(format, 'user') : undefined;
  return {model: {...whose, unitDir: model.unitDir ?? ofUser}, notes: told};
}

/** Refuses what would only fail when a process starts; comes back with what a person should look at. */
async function checkMachine(model: ServiceModel, {to, check}: ExportOptions): Promise<string[]> {
  if (check?.verify === false || 'out' in to) return [];
  const [{checkAccount}, {closedDirectories}] = await Promise.all([
    import('./check-account.ts'),
    import('./closed-directories.ts'),
  ]);
  await checkAccount(model.user, to.root);
  if (to.root !== undefined || !model.user) return [];
  const {name} = model.user;
  // A runner and the Node that runs it begin its command.
  const runners = model.processes.flatMap(({command}) =>
    typeof command === 'string' ? [] : command.argv.slice(0, 2).filter((word) => word.startsWith('/')),
  );
  const programs = [...Object.values(model.programs ?? {}), ...runners];
  const closed = await closedDirectories(name, [model.root, ...programs]);
  return closed.map((directory) => `${directory} is closed to ${name}: the processes will not start`);
}

/**
 * Writes the units of the app in `dir` into a directory, or installs them; with `dryRun` only says what would change. Doing it again changes
 * nothing. Units name `dir` as it is given: of `…/current` they stay right when the link moves on.
 * Faults: those of `appModel`, `renderUnits` and `applyAppInstall`; all of AppExportFault.
 */
export async function exportApp(dir: string, options: ExportOptions): Promise<AppExport> {
  const {format, check: {verify = true, strict, caller} = {}, onEvent} = options;
  const {namedPrograms, renderUnits, reportNotes} = await import('@keelson/exporter');
  await checkDirectory(resolve(dir));
  const {templateDirectories} = await import('./template-directories.ts');
  const templates = await templateDirectories(format, resolve(dir), {templates: options.templates, caller});
  const {model, notes: told} = await wholeModel(dir, options);
  const closed = await checkMachine(model, options);
  const rendering = await renderUnits(format, model, {templates, strict});
  const missing = namedPrograms(model.processes.map(({command}) => command)).filter(
    (name) => !Object.hasOwn(model.programs ?? {}, name),
  );
  const own = templates.map((directory) => `templates of ${directory}/${format} are used`);
  for (const line of [
    ...own,
    ...told,
    ...closed,
    ...notes(model, missing),
    ...reportNotes(rendering.report),
  ]) {
    onEvent?.({type: 'export:noted', line});
  }
  const checks = verify ? await checked(rendering, model, options) : [];
  for (const {name, result, because} of checks)
    onEvent?.({type: 'export:checked', line: `${name}: ${result}${because ? ` (${because})` : ''}`});
  const {unitDir: directory, target} = model;
  const placed = await placeUnits(rendering, {...options, directory, scope: target?.scope});
  for (const line of howToStart(placed, options, model)) onEvent?.({type: 'export:noted', line});
  return {...placed, kind: 'export', report: rendering.report, checks};
}
