import {dirname, resolve} from 'node:path';

import type {InstallEvent, InstallPlan, InstallScope, Rendering} from '@keelson/exporter';
import type {StepOptions} from '@keelson/step';

import type {ExportOptions} from './export-app.ts';
import {AppExportFault} from './fault.ts';

/** What was done with the files, or would be. */
export interface Placed extends Omit<InstallPlan, 'kind'> {
  readonly applied: boolean;
  /** Nothing is left to do, nor was there. */
  readonly unchanging: boolean;
  /** What the manager is told, in this order. */
  readonly commands: readonly (readonly string[])[];
  /** Unified; of files that only their owner may read, how many lines change. */
  readonly diff: string;
}

interface PlaceOptions extends StepOptions<InstallEvent>, Pick<ExportOptions, 'to' | 'dryRun'> {
  readonly directory: string | undefined;
  readonly scope: InstallScope | undefined;
}

type Files = Pick<Rendering, 'format' | 'app' | 'files' | 'directories'>;

/** Writes the files into a directory, or installs them for good; with `dryRun` neither. No files: what is installed is taken away. */
export async function placeUnits(files: Files, options: PlaceOptions): Promise<Placed> {
  const {to} = options;
  try {
    return await ('out' in to ? writeTo(resolve(to.out), files, options) : install(files, options, to.root));
  } catch (error) {
    throw notWritable(error, to) ?? error;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of it is no directory',
  EEXIST: 'it is no directory',
  // What Node's mkdir says of a parent that is read-only.
  ENOENT: 'it cannot be made',
  ENOSPC: 'no space is left',
};

function notWritable(error: unknown, to: ExportOptions['to']): AppExportFault | undefined {
  const {code = '', path = ''} = error as NodeJS.ErrnoException;
  const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  if (reason === undefined) return undefined;
  const where = 'out' in to ? resolve(to.out) : dirname(path);
  const denied = reason === 'permission denied' && !('out' in to);
  return new AppExportFault('EXPORT_WRITE', `${where} cannot be written: ${reason}`, {
    hint: denied ? 'Run it as root, or install for yourself with --scope user.' : undefined,
    cause: error,
  });
}

async function writeTo(
  root: string,
  {format, app, files}: Files,
  {dryRun = false, signal, onEvent}: PlaceOptions,
): Promise<Placed> {
  const {applyInstall, installDiff, planInstall, readInstalled} = await import('@keelson/exporter');
  const existing = await readInstalled(root, app, files);
  const plan = planInstall({root, format, app, files, existing});
  if (!dryRun) await applyInstall(plan, files, {signal, onEvent});
  const {kind: _, ...rest} = plan;
  const unchanging = plan.changes.length === 0;
  return {...rest, applied: !dryRun, unchanging, commands: [], diff: installDiff(plan, files, existing)};
}

async function install(
  {format, app, files, directories}: Files,
  {dryRun = false, directory, scope, signal, onEvent}: PlaceOptions,
  root: string | undefined,
): Promise<Placed> {
  const {applyAppInstall, installDiff, planAppInstall} = await import('@keelson/exporter');
  const planned = await planAppInstall({
    format,
    app,
    files,
    directories,
    scope,
    directory,
    root: root === undefined ? undefined : resolve(root),
  });
  const {plan, existing} = planned;
  if (!dryRun) await applyAppInstall(planned, {signal, onEvent});
  const {changes, unchanged, kept, unfinished, enable, stop, forget} = plan;
  return {
    format,
    app,
    root: plan.root,
    changes,
    unchanged,
    kept,
    applied: !dryRun,
    unchanging: changes.length === 0 && !unfinished,
    commands: [...enable, ...stop, ...forget].map(({run}) => run),
    diff: installDiff(plan, files, existing),
  };
}
