import type {ManifestFacts} from '@keelson/archive';
import {
  hasInstallScript,
  installedPackages,
  rebuild,
  type InstalledPackage,
  type PackageManager,
} from '@keelson/package-manager';
import type {StepOptions} from '@keelson/step';
import type {BuildEvent} from './build-event.ts';

interface InstallScriptOptions extends StepOptions<BuildEvent> {
  readonly manager: PackageManager;
}

export type InstallScripts = NonNullable<NonNullable<ManifestFacts['dependencies']>['installScripts']>;

/** Runs the install scripts of the packages that were named, and says whose ran and whose did not. */
export async function runInstallScripts(
  dir: string,
  allowed: readonly string[],
  options: InstallScriptOptions,
): Promise<InstallScripts> {
  const {onEvent, signal} = options;
  if (allowed.length > 0) {
    await rebuild(dir, allowed, options);
    onEvent?.({type: 'build:rebuilt', packages: allowed});
  }
  signal?.throwIfAborted();
  const installed = installedPackages(dir).filter(hasInstallScript);
  // By its own name, or by the one that the app gave it (`npm:` aliases).
  const isAllowed = ({name, folder}: InstalledPackage) =>
    allowed.some((one) => one === name || folder.endsWith(`node_modules/${one}`));
  const heldBack = installed.filter((one) => !isAllowed(one));
  const packages = [...new Set(heldBack.map(({name}) => name))].sort();
  if (packages.length > 0) onEvent?.({type: 'build:scripts-held-back', packages});
  return {ran: versions(installed.filter(isAllowed)), heldBack: versions(heldBack)};
}

function versions(packages: readonly InstalledPackage[]): string[] {
  const named = packages.map(({name, version}) => (version === undefined ? name : `${name}@${version}`));
  return [...new Set(named)].sort();
}
