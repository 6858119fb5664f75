import {packagesWithScripts, rebuild, type PackageManager} from '@keelson/package-manager';
import type {StepOptions} from '@keelson/step';
import type {BuildEvent} from './build-event.ts';

interface InstallScriptOptions extends StepOptions<BuildEvent> {
  readonly manager: PackageManager;
}

/** Runs the install scripts of the packages that were named, and says whose did not run. */
export async function runInstallScripts(
  dir: string,
  allowed: readonly string[],
  options: InstallScriptOptions,
): Promise<void> {
  const {onEvent, signal} = options;
  if (allowed.length > 0) {
    await rebuild(dir, allowed, options);
    onEvent?.({type: 'build:rebuilt', packages: allowed});
  }
  const packages = (await packagesWithScripts(dir, {signal})).filter((name) => !allowed.includes(name));
  if (packages.length > 0) onEvent?.({type: 'build:scripts-held-back', packages});
}
