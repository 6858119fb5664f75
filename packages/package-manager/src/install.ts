import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {detectPackageManager} from './detect.ts';
import {installEnvironment} from './environment.ts';
import {PackageManagerFault} from './fault.ts';
import {installAdvice} from './install-advice.ts';
import {MANAGERS} from './managers/table.ts';
import type {InstallOptions, PackageManagerOptions} from './package-manager.ts';
import {runManager} from './run-manager.ts';

/**
 * Installs exactly what the lockfile says, devDependencies too unless `production`, and runs no script of any package.
 * An app without dependencies needs no lockfile; nothing is done for it.
 * Faults: PM_NO_LOCKFILE, PM_INSTALL_FAILED (temporary when the registry could not be reached), PM_MISSING, those of detectPackageManager.
 */
export async function install(dir: string, options: InstallOptions = {}): Promise<void> {
  const manager = options.manager ?? (await detectPackageManager(dir, options));
  const {install: args, lock} = MANAGERS[manager.name];
  if (manager.lockfile === undefined) {
    if (!has(dir, ['dependencies', 'devDependencies', 'optionalDependencies', 'workspaces'])) return;
    throw new PackageManagerFault(
      'PM_NO_LOCKFILE',
      `${dir} has dependencies and no lockfile, so nobody knows what would be installed`,
      {
        hint: `Run \`${lock}\` and commit the lockfile it writes.`,
      },
    );
  }
  const whenFailed = {
    code: 'PM_INSTALL_FAILED',
    what: `${manager.name} install`,
    advise: installAdvice(manager),
  } as const;
  const env = installEnvironment();
  await runManager({dir, manager, args: args(options.production ?? false), env, whenFailed}, options);
}

/** Removes what only development needs, and runs no script. Faults: PM_INSTALL_FAILED, PM_MISSING, those of detectPackageManager. */
export async function prune(dir: string, options: PackageManagerOptions = {}): Promise<void> {
  const manager = options.manager ?? (await detectPackageManager(dir, options));
  // A third of a second of npm for nothing.
  if (manager.lockfile === undefined || !has(dir, ['devDependencies', 'workspaces'])) return;
  const whenFailed = {
    code: 'PM_INSTALL_FAILED',
    what: `${manager.name} prune`,
    advise: installAdvice(manager),
  } as const;
  await runManager(
    {dir, manager, args: MANAGERS[manager.name].prune, env: installEnvironment(), whenFailed},
    options,
  );
}

function has(dir: string, fields: readonly string[]): boolean {
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Record<string, unknown>;
  return fields.some((field) => Object.keys((manifest[field] as object | undefined) ?? {}).length > 0);
}
