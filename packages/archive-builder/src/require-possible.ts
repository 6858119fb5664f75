import type {PackageManager} from '@keelson/package-manager';
import {BuildFault} from './fault.ts';

export interface Wishes {
  readonly manager: PackageManager;
  /** Of the workspace, '' for the root. */
  readonly folder: string;
  readonly target: string | undefined;
  readonly trace: boolean | undefined;
}

/** What a package manager's way of installing rules out, said before anything takes time. Faults: BUILD_TARGET, BUILD_TRACE, BUILD_WORKSPACE. */
export function requirePossible({manager, folder, target, trace}: Wishes): void {
  if (target !== undefined && manager.name === 'yarn')
    throw new BuildFault('BUILD_TARGET', `yarn cannot install packages for ${target} on another machine`, {
      hint: 'npm and pnpm can. Or install where that platform is: --in COMMAND.',
    });
  if (manager.pnp !== true) return;
  const hint = 'Put `nodeLinker: node-modules` into .yarnrc.yml and run `yarn install`.';
  if (trace === true)
    throw new BuildFault('BUILD_TRACE', "files of packages that Plug'n'Play keeps zipped cannot be traced", {
      hint,
    });
  if (folder !== '')
    throw new BuildFault('BUILD_WORKSPACE', `${folder} cannot be taken out of workspaces with Plug'n'Play`, {
      hint,
    });
}
