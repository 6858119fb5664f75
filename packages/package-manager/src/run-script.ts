import {readManifest} from '@keelson/manifest';
import {detectPackageManager} from './detect.ts';
import {scriptEnvironment} from './environment.ts';
import {PackageManagerFault} from './fault.ts';
import {commandsOf} from './managers/table.ts';
import type {PackageManagerOptions} from './package-manager.ts';
import {runManager} from './run-manager.ts';

/**
 * Runs a script of package.json, with NODE_ENV=production unless it is set. Faults: PM_SCRIPT_FAILED, with the script's last lines, also for
 * a script that is not there; PM_MISSING; those of detectPackageManager.
 */
export async function runScript(
  dir: string,
  name: string,
  options: PackageManagerOptions = {},
): Promise<void> {
  const {scripts} = await readManifest(dir, options);
  if (!Object.hasOwn(scripts, name))
    throw new PackageManagerFault(
      'PM_SCRIPT_FAILED',
      `package.json of ${dir} has no script ${JSON.stringify(name)}`,
      {
        hint: `There are: ${Object.keys(scripts).join(', ') || 'none'}.`,
      },
    );
  const manager = options.manager ?? (await detectPackageManager(dir, options));
  const whenFailed = {code: 'PM_SCRIPT_FAILED', what: `the script ${JSON.stringify(name)}`} as const;
  const args = commandsOf(manager).run(name);
  await runManager({dir, manager, args, env: scriptEnvironment(), whenFailed}, options);
}
