import {applyInstall, type InstallOptions} from './apply-install.ts';
import {type InstallPlan, planInstall} from './plan-install.ts';
import {readInstalled} from './read-installed.ts';
import type {Rendering} from './render-units.ts';

/** Plans and applies: makes exactly the files of a rendering those of the app in `root`. Faults: EXPORT_FOREIGN_FILE. */
export async function installUnits(
  rendering: Rendering,
  root: string,
  options: InstallOptions = {},
): Promise<InstallPlan> {
  const {format, app, files} = rendering;
  const plan = planInstall({root, format, app, files, existing: await readInstalled(root, app, files)});
  await applyInstall(plan, files, options);
  return plan;
}
