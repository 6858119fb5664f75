import type {StepOptions} from '@keelson/step';
import type {InstallPlan} from './plan-install.ts';
import type {UnitFile} from './render-units.ts';

export type InstallEvent = {readonly type: 'export:wrote' | 'export:removed'; readonly path: string};

export async function applyInstall(
  plan: InstallPlan,
  files: readonly UnitFile[],
  options: StepOptions<InstallEvent> = {},
): Promise<void> {
  throw new Error(`not yet ${JSON.stringify([plan, files, options])}`);
}
