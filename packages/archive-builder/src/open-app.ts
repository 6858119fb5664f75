import {join} from 'node:path';
import {checkTarget, runtimeFacts, type PackageManagerFacts, type RuntimeFacts} from '@keelson/archive';
import {readManifest, type AppManifest} from '@keelson/manifest';
import {
  detectPackageManager,
  needsInstall,
  runtimeWithin,
  type PackageManager,
  type TargetPlatform,
} from '@keelson/package-manager';
import type {Checkout} from '@keelson/source';
import {archiveName} from './archive-name.ts';
import type {BuildOptions} from './build-options.ts';
import {targetPlatform} from './target-platform.ts';
import {packageManagerFacts} from './package-manager-facts.ts';
import {requirePossible} from './require-possible.ts';
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
  /** The Node that will run it, as far as that is known. */
  readonly runtime: RuntimeFacts;
  /** Another platform than the one that installs. */
  readonly target: TargetPlatform | undefined;
  readonly packageManager: PackageManagerFacts & {readonly version: string};
  /** That run to build it. */
  readonly scripts: readonly string[];
}

/** Faults: BUILD_WORKSPACE, BUILD_TARGET, PM_ENVIRONMENT, those of readManifest, checkTarget, detectPackageManager and needsInstall. */
export async function openApp({dir: root}: Checkout, options: BuildOptions): Promise<OpenedApp> {
  const {signal, onEvent, workspace} = options;
  const folder = workspace === undefined ? '' : findWorkspace(root, workspace);
  const dir = join(root, folder);
  const manifest = await readManifest(dir, {signal});
  const {name, version} = manifest;
  const {path: to} = checkTarget(options.out ?? archiveName(name, version));
  const {within, target: wanted} = options.dependencies ?? {};
  const manager = {...(await detectPackageManager(root, {signal})), ...(within && {within})};
  const here = within === undefined ? runtimeFacts() : await runtimeWithin(root, within, {signal});
  const target = wanted === undefined ? undefined : targetPlatform(wanted, options);
  onEvent?.({type: 'build:opened', name, version, packageManager: manager.name});
  requirePossible({manager, folder, target: wanted, trace: options.contents?.trace});
  if (options.install !== false) needsInstall(root, manager);
  const packageManager = await packageManagerFacts(root, {manager, signal});
  const scripts = options.scripts ?? manifest.app.build.scripts;
  return {
    root,
    folder,
    dir,
    manifest,
    to,
    manager,
    packageManager,
    scripts,
    runtime: {...here, ...target},
    target,
  };
}
