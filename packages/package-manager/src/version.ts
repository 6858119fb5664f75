import {detectPackageManager} from './detect.ts';
import {installEnvironment} from './environment.ts';
import type {PackageManagerOptions} from './package-manager.ts';
import {runManager} from './run-manager.ts';
import {versionOfNpm} from './version-of-npm.ts';

/** Version of the package manager that would run here. Faults: PM_MISSING, those of detectPackageManager. */
export async function packageManagerVersion(
  dir: string,
  options: PackageManagerOptions = {},
): Promise<string> {
  const {signal} = options;
  const manager = options.manager ?? (await detectPackageManager(dir, options));
  const known = manager.name === 'npm' && manager.within === undefined ? versionOfNpm() : undefined;
  if (known !== undefined) return known;
  const whenFailed = {code: 'PM_MISSING', what: `${manager.name} --version`} as const;
  const call = {dir, manager, args: ['--version'], env: installEnvironment(), whenFailed};
  const {stdout} = await runManager(call, {signal});
  return stdout.trim();
}
