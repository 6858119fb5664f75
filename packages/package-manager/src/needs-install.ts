import {join} from 'node:path';
import {PackageManagerFault} from './fault.ts';
import {commandsOf} from './managers/table.ts';
import type {PackageManager} from './package-manager.ts';
import {readPackageJson} from './read-package-json.ts';

const FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'workspaces'];

/** Whether an app has anything to install: one without dependencies needs no lockfile. Faults: PM_NO_LOCKFILE. */
export function needsInstall(dir: string, manager: PackageManager): boolean {
  if (manager.lockfile !== undefined) return true;
  if (!hasFields(dir, FIELDS)) return false;
  throw new PackageManagerFault(
    'PM_NO_LOCKFILE',
    `${dir} has dependencies and no lockfile, so nobody knows what would be installed`,
    {hint: `Run \`${commandsOf(manager).lock}\` and commit the lockfile it writes.`},
  );
}

/** Whether any of these fields of package.json has something in it. */
export function hasFields(dir: string, fields: readonly string[]): boolean {
  const manifest = readPackageJson(join(dir, 'package.json')) as Record<string, unknown>;
  return fields.some((field) => Object.keys((manifest[field] as object | undefined) ?? {}).length > 0);
}
