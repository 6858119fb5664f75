import {basename, resolve} from 'node:path';

import type {Format, InstallEvent} from '@keelson/exporter';
import {isFault, type StepOptions} from '@keelson/step';

import {appName} from './app-name.ts';
import type {AppExport} from './export-app.ts';

export interface UninstallOptions extends StepOptions<InstallEvent> {
  readonly format: Format;
  /** Default: the name of the package in `dir`, else of `dir`. */
  readonly app?: string | undefined;
  /** Default: the manager's own directory, and the manager is told. */
  readonly root?: string | undefined;
  readonly unitDir?: string | undefined;
  /** Plans only. Default false. */
  readonly dryRun?: boolean | undefined;
}

async function nameOf(dir: string, signal: AbortSignal | undefined): Promise<string> {
  const {readManifest} = await import('@keelson/manifest');
  try {
    return (await readManifest(dir, {signal})).name;
  } catch (error) {
    if (isFault(error) && error.code === 'MANIFEST_MISSING') return basename(dir);
    throw error;
  }
}

/**
 * Stops an app and takes everything away that an install wrote for it, and nothing else: only files with our marker and exactly this name.
 * Faults: EXPORT_NAME; EXPORT_FOREIGN_FILE; MANIFEST_INVALID.
 */
export async function uninstallApp(dir: string, options: UninstallOptions): Promise<AppExport> {
  const {format, root, unitDir, dryRun = false, signal, onEvent} = options;
  const {applyAppInstall, planAppInstall} = await import('@keelson/exporter');
  const app = appName(options.app ?? (await nameOf(resolve(dir), signal)));
  const install = await planAppInstall({format, app, files: [], root, directory: unitDir});
  if (!dryRun) await applyAppInstall(install, {signal, onEvent});
  const {kind: _, before, after, ...plan} = install.plan;
  const commands = [...before, ...after].map(({run}) => run);
  return {...plan, kind: 'export', applied: !dryRun, commands, report: [], checks: []};
}
