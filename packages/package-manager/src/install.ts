import {join} from 'node:path';
import {hasTrees, restoreTrees, storeTrees} from './cache/dependency-cache.ts';
import {dependencyKey} from './cache/dependency-key.ts';
import {plannedRemovals, pruneByPlan} from './cache/prune-plan.ts';
import {returnTrees} from './cache/spare-trees.ts';
import {detectPackageManager} from './detect.ts';
import {installEnvironment} from './environment.ts';
import {PackageManagerFault} from './fault.ts';
import {installAdvice} from './install-advice.ts';
import {commandsOf} from './managers/table.ts';
import {hasFields, needsInstall} from './needs-install.ts';
import type {
  InstallOptions,
  PackageManager,
  PackageManagerLine,
  PruneOptions,
  TargetPlatform,
} from './package-manager.ts';
import {removeUnusedZips} from './remove-unused-zips.ts';
import {runManager} from './run-manager.ts';
import {cutShort, unwrittenFile} from './unwritten-file.ts';

/**
 * Installs exactly what the lockfile says, devDependencies too unless `production`, and runs no script of any package.
 * An app without dependencies needs no lockfile; nothing is done for it. With a `cache` what was installed for this lockfile before
 * is copied; true says so. Faults: PM_NO_LOCKFILE, PM_UNSUPPORTED (a `platform` that it cannot install for), PM_INSTALL_FAILED (temporary when the registry could not be reached, or the disk is full), PM_MISSING, those of detectPackageManager.
 */
export async function install(dir: string, options: InstallOptions = {}): Promise<boolean> {
  const manager = options.manager ?? (await detectPackageManager(dir, options));
  if (!needsInstall(dir, manager)) return false;
  const whenFailed = {
    code: 'PM_INSTALL_FAILED',
    what: `${manager.name} install`,
    advise: installAdvice(manager),
  } as const;
  const production = options.production ?? false;
  const platform = platformArguments(manager, options.platform);
  const entry = cacheEntry(dir, manager, {...options, production});
  if (entry !== undefined && (await restoreTrees(entry, dir, options))) return true;
  let unwritten: string | undefined;
  const onEvent = (event: PackageManagerLine) => {
    unwritten ??= unwrittenFile(event.line);
    options.onEvent?.(event);
  };
  for (const args of commandsOf(manager).install(production))
    await runManager(
      {dir, manager, args: [...args, ...platform], env: installEnvironment(), whenFailed},
      {...options, onEvent},
    );
  if (unwritten !== undefined) throw cutShort(dir, unwritten);
  if (entry !== undefined) await keep(entry, dir, options);
  return false;
}

/** A cache that cannot be written (its disk is full, or read-only) costs the next build time, and this one nothing. */
async function keep(entry: string, dir: string, {signal, onEvent}: InstallOptions): Promise<void> {
  try {
    await storeTrees(entry, dir, {signal});
  } catch (error) {
    signal?.throwIfAborted();
    const line = `The dependencies are not kept for the next build: ${(error as Error).message}`;
    onEvent?.({type: 'package-manager:line', stream: 'err', line});
  }
}

/**
 * Removes what only development needs, and runs no script. With the `cache` of the installation the package manager is asked once for
 * each lockfile. Faults: PM_INSTALL_FAILED, PM_MISSING, those of detectPackageManager.
 */
export async function prune(dir: string, options: PruneOptions = {}): Promise<void> {
  const manager = options.manager ?? (await detectPackageManager(dir, options));
  // A third of a second of npm for nothing.
  if (manager.lockfile === undefined || !hasFields(dir, ['devDependencies', 'workspaces'])) return;
  const whenFailed = {
    code: 'PM_INSTALL_FAILED',
    what: `${manager.name} prune`,
    advise: installAdvice(manager),
  } as const;
  const args = commandsOf(manager).prune;
  const pruneIn = async (folder: string) =>
    void (await runManager({dir: folder, manager, args, env: installEnvironment(), whenFailed}, options));
  const entry = cacheEntry(dir, manager, {...options, production: false});
  if (manager.pnp === true) {
    await pruneIn(dir);
    return removeUnusedZips(dir);
  }
  const trial = {prune: pruneIn, signal: options.signal};
  if (entry === undefined || !hasTrees(entry) || !(await pruneByPlan(entry, dir, trial))) await pruneIn(dir);
}

/** Faults: PM_UNSUPPORTED. */
function platformArguments(manager: PackageManager, platform: TargetPlatform | undefined): readonly string[] {
  if (platform === undefined) return [];
  const args = commandsOf(manager).platform?.(platform);
  if (args !== undefined) return args;
  throw new PackageManagerFault(
    'PM_UNSUPPORTED',
    `${manager.name} cannot install packages for another platform than its own`,
    {
      hint: 'npm and pnpm can. Or install where it will run: keelson build --in COMMAND.',
    },
  );
}

/**
 * Gives what `install` has put into `dir` with this `cache` back to it, as it was then, for the next build: afterwards `dir` has no
 * dependencies any more, or is to be removed anyway. Never fails: the next build copies, then.
 */
export async function returnInstalled(dir: string, options: InstallOptions): Promise<void> {
  try {
    const manager = options.manager ?? (await detectPackageManager(dir, options));
    const entry = cacheEntry(dir, manager, options);
    if (entry !== undefined) await returnTrees(entry, dir, plannedRemovals(entry));
  } catch {
    // A cache that cannot be written, or an app whose build has removed its package.json.
  }
}

/** Where the trees of this installation are kept; undefined when they are not. */
function cacheEntry(dir: string, manager: PackageManager, options: InstallOptions): string | undefined {
  const {cache, production = false} = options;
  // The zipped packages are a cache themselves.
  if (cache === undefined || manager.pnp === true) return undefined;
  const key = dependencyKey(dir, {manager, version: cache.version, production});
  return key === undefined ? undefined : join(cache.folder, key);
}
