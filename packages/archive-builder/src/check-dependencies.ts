import type {ManifestFacts} from '@keelson/archive';
import {installedPackages, registryPackages, verifySignatures} from '@keelson/package-manager';
import type {BuildOptions} from './build-options.ts';
import {BuildFault} from './fault.ts';
import type {OpenedApp} from './open-app.ts';

/** What was found, as the archive says it. */
export type CheckedDependencies = Omit<NonNullable<ManifestFacts['dependencies']>, 'installScripts'>;

const DAY_MS = 86_400_000;
const SHOWN = 10;

/**
 * Looks at what was installed before any of it runs: signatures of its registry, and how long it has been out.
 * Faults: BUILD_TOO_NEW, those of verifySignatures and registryPackages.
 */
export async function checkDependencies(app: OpenedApp, options: BuildOptions): Promise<CheckedDependencies> {
  const signatures = await checkSignatures(app, options);
  const minReleaseAge = await checkAge(app, options);
  return {...(signatures && {signatures}), ...(minReleaseAge && {minReleaseAge})};
}

async function checkSignatures(app: OpenedApp, options: BuildOptions) {
  const {signal, onEvent, dependencies} = options;
  if (dependencies?.signatures !== true) return undefined;
  const verified = await verifySignatures(app.root, {manager: app.manager, signal});
  onEvent?.({type: 'build:signatures', packages: verified, installed: installedPackages(app.root).length});
  return {verified};
}

async function checkAge(app: OpenedApp, options: BuildOptions) {
  const {signal, onEvent, dependencies: {minReleaseAge} = {}} = options;
  if (minReleaseAge === undefined) return undefined;
  const installed = installedPackages(app.root).filter(({version}) => version !== undefined);
  const names = installed.map(({name}) => name);
  const known = await registryPackages(app.root, names, {signal});
  const limit = Date.now() - minReleaseAge * DAY_MS;
  const found = new Map<string, string>();
  for (const {name, version} of installed) {
    const time = known.get(name)?.time[version!];
    if (time !== undefined && Date.parse(time) > limit) found.set(`${name} ${version}`, time.slice(0, 10));
  }
  if (found.size > 0) throw tooNew(found, minReleaseAge);
  onEvent?.({type: 'build:release-age', days: minReleaseAge, packages: known.size});
  return {days: minReleaseAge, packages: known.size};
}

function tooNew(found: ReadonlyMap<string, string>, days: number): BuildFault {
  const lines = [...found].map(([what, date]) => `\n  ${what}, published ${date}`).sort();
  const more = lines.length > SHOWN ? `\n  and ${lines.length - SHOWN} more` : '';
  return new BuildFault(
    'BUILD_TOO_NEW',
    `published less than ${days} days ago:${lines.slice(0, SHOWN).join('')}${more}`,
    {hint: 'Take an older version into the lockfile, or wait: most bad releases are found within days.'},
  );
}
