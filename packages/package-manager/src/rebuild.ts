import {join} from 'node:path';
import type {StepOptions} from '@keelson/step';
import {detectPackageManager} from './detect.ts';
import {installEnvironment} from './environment.ts';
import {PackageManagerFault} from './fault.ts';
import {installScriptCalls} from './install-scripts.ts';
import {hasInstallScript, installedPackages} from './installed-packages.ts';
import {commandsOf} from './managers/table.ts';
import type {PackageManager, PackageManagerOptions} from './package-manager.ts';
import {runManager} from './run-manager.ts';
import {packageManagerVersion} from './version.ts';

/**
 * Runs the install scripts of these installed packages, and of no others. That a script ran does not prove that it made anything: look.
 * npm does it for its own trees. pnpm would want its store and what it noted when it installed, and yarn to install again, neither of
 * which a tree has that came to another machine: there npm runs the scripts in each package's folder.
 * Faults: PM_REBUILD_FAILED, PM_MISSING, those of detectPackageManager.
 */
export async function rebuild(
  dir: string,
  packages: readonly string[],
  options: PackageManagerOptions = {},
): Promise<void> {
  if (packages.length === 0) return;
  const manager = options.manager ?? (await detectPackageManager(dir, options));
  const {rebuild: args} = commandsOf(manager);
  if (args === undefined) return await rebuildInPlace(dir, packages, {...options, manager});
  const version = await packageManagerVersion(dir, {...options, manager});
  const whenFailed = {code: 'PM_REBUILD_FAILED', what: `rebuilding ${packages.join(', ')}`} as const;
  const call = {
    dir,
    manager,
    args: args(packages, Number.parseInt(version, 10)),
    env: installEnvironment(),
    whenFailed,
  };
  await runManager(call, options);
}

async function rebuildInPlace(
  dir: string,
  names: readonly string[],
  options: PackageManagerOptions,
): Promise<void> {
  const manager: PackageManager = {kind: 'package-manager', name: 'npm', within: options.manager?.within};
  const installed = installedPackages(dir);
  const globalconfig = await machineSettings(dir, manager, options);
  for (const name of names) {
    // By its own name, or by the one that the app gave it (`npm:` aliases).
    const copies = installed.filter(
      (one) => one.name === name || one.folder.endsWith(`node_modules/${name}`),
    );
    if (copies.length === 0)
      throw new PackageManagerFault('PM_REBUILD_FAILED', `${name} is not installed in ${dir}`);
    for (const one of copies)
      for (const args of installScriptCalls(one, globalconfig)) {
        const whenFailed = {code: 'PM_REBUILD_FAILED', what: `rebuilding ${name}`} as const;
        const call = {dir: join(dir, one.folder), manager, args, env: installEnvironment(), whenFailed};
        await runManager(call, options);
      }
  }
}

/** Where npm has the settings of the machine, which may name a proxy or a certificate that a script needs. */
async function machineSettings(dir: string, manager: PackageManager, {signal}: StepOptions): Promise<string> {
  const whenFailed = {code: 'PM_REBUILD_FAILED', what: 'npm config get globalconfig'} as const;
  const args = ['config', 'get', 'globalconfig', '--no-update-notifier'];
  const {stdout} = await runManager({dir, manager, args, env: installEnvironment(), whenFailed}, {signal});
  return stdout.trim();
}

/** Names of the installed packages that have install scripts or compile an add-on, sorted. */
export async function packagesWithScripts(dir: string, options: StepOptions = {}): Promise<string[]> {
  options.signal?.throwIfAborted();
  const names = installedPackages(dir)
    .filter(hasInstallScript)
    .map(({name}) => name);
  return [...new Set(names)].sort();
}
