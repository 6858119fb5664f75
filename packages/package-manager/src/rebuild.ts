import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {StepOptions} from '@keelson/step';
import {detectPackageManager} from './detect.ts';
import {installEnvironment} from './environment.ts';
import {PackageManagerFault} from './fault.ts';
import {commandsOf} from './managers/table.ts';
import type {PackageManagerOptions} from './package-manager.ts';
import {runManager} from './run-manager.ts';
import {packageManagerVersion} from './version.ts';

/**
 * Runs the install scripts of these installed packages, and of no others. That a script ran does not prove that it made anything: look.
 * Faults: PM_REBUILD_FAILED, PM_UNSUPPORTED (pnpm, yarn), PM_MISSING, those of detectPackageManager.
 */
export async function rebuild(
  dir: string,
  packages: readonly string[],
  options: PackageManagerOptions = {},
): Promise<void> {
  if (packages.length === 0) return;
  const manager = options.manager ?? (await detectPackageManager(dir, options));
  const {rebuild: args} = commandsOf(manager);
  if (args === undefined)
    throw new PackageManagerFault(
      'PM_UNSUPPORTED',
      `rebuilding packages with ${manager.name} is not supported yet`,
    );
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

interface HiddenLockfile {
  readonly packages?: Readonly<
    Record<string, {readonly hasInstallScript?: boolean; readonly link?: boolean}>
  >;
}

/** Names of the installed packages that have install scripts, sorted; known for npm only (from `node_modules/.package-lock.json`). */
export async function packagesWithScripts(dir: string, options: StepOptions = {}): Promise<string[]> {
  options.signal?.throwIfAborted();
  let text: string;
  try {
    text = await readFile(join(dir, 'node_modules/.package-lock.json'), 'utf8');
  } catch {
    return [];
  }
  const {packages = {}} = JSON.parse(text) as HiddenLockfile;
  const paths = Object.keys(packages).filter((path) => packages[path]!.hasInstallScript === true);
  return [
    ...new Set(paths.map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))),
  ].sort();
}
