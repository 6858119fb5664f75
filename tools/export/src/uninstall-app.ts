import {resolve} from 'node:path';

import type {Format, InstallEvent, InstallScope} from '@keelson/exporter';
import type {StepOptions} from '@keelson/step';

import {appManifest} from './app-manifest.ts';
import {appName} from './app-name.ts';
import type {AppExport} from './export-app.ts';
import {placeUnits} from './place-units.ts';

export interface UninstallOptions extends StepOptions<InstallEvent> {
  readonly format: Format;
  /** Default: the name of the package in `dir`, else of `dir`. */
  readonly app?: string | undefined;
  /** Default: the manager's own directory, and the manager is told. */
  readonly root?: string | undefined;
  readonly unitDir?: string | undefined;
  /** Default `system`. */
  readonly scope?: InstallScope | undefined;
  /** Plans only. Default false. */
  readonly dryRun?: boolean | undefined;
}

/**
 * Stops an app and takes everything away that an install wrote for it, and nothing else: only files with our marker and exactly this name.
 * Faults: EXPORT_NAME; EXPORT_FOREIGN_FILE; MANIFEST_INVALID.
 */
export async function uninstallApp(dir: string, options: UninstallOptions): Promise<AppExport> {
  const {format, root, unitDir, scope} = options;
  const from = options.app === undefined ? (await appManifest(resolve(dir), options.signal)).name : undefined;
  const app = appName(options.app, from, resolve(dir));
  const nothing = {format, app, files: []};
  const to = {install: true, root} as const;
  const placed = await placeUnits(nothing, {...options, to, directory: unitDir, scope});
  return {...placed, kind: 'export', report: [], checks: []};
}
