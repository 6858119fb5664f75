import {join} from 'node:path';
import {checkTarget, type PackageManagerFacts} from '@keelson/archive';
import {readManifest, type AppManifest} from '@keelson/manifest';
import {detectPackageManager, type PackageManager} from '@keelson/package-manager';
import type {Checkout} from '@keelson/source';
import {archiveName} from './archive-name.ts';
import type {BuildOptions} from './build-options.ts';
import {packageManagerFacts} from './package-manager-facts.ts';
import {findWorkspace} from './workspace/find-workspace.ts';

/** What is known of an app before anything takes time. */
export interface OpenedApp {
  /** Where the lockfile is and dependencies are installed. */
  readonly root: string;
  /** The app's place below it, '' for the root itself. */
  readonly folder: string;
  readonly dir: string;
  readonly manifest: AppManifest;
  /** Absolute path of the archive. */
  readonly to: string;
  readonly manager: PackageManager;
  readonly packageManager: PackageManagerFacts & {readonly version: string};
  /** That run to build it. */
  readonly scripts: readonly string[];
}

/** Faults: BUILD_WORKSPACE, those of readManifest, checkTarget and detectPackageManager. */
export async function openApp({dir: root}: Checkout, options: BuildOptions): Promise<OpenedApp> {
  const {signal, onEvent, workspace} = options;
  const folder = workspace === undefined ? '' : findWorkspace(root, workspace);
  const dir = join(root, folder);
  const manifest = await readManifest(dir, {signal});
  const {name, version} = manifest;
  const {path: to} = checkTarget(options.out ?? archiveName(name, version));
  const manager = await detectPackageManager(root, {signal});
  onEvent?.({type: 'build:opened', name, version, packageManager: manager.name});
  const packageManager = await packageManagerFacts(root, {manager, signal});
  const scripts = options.scripts ?? manifest.app.build.scripts;
  return {root, folder, dir, manifest, to, manager, packageManager, scripts};
}
