import type {DeployTarget} from '@keelson/deployer';
import {appRoot} from './app-releases.ts';
import {nodeFor} from './node-for.ts';
import {nothingRuns} from './runtime/nothing-runs.ts';

/** The release that is current in a deploy root, for what changes nothing that runs. Fault SERVE_UNKNOWN_APP. */
export function currentTarget(
  {root: given, app}: {readonly root: string; readonly app?: string | undefined},
  environment: Readonly<Record<string, string | undefined>>,
): DeployTarget<never> {
  const root = appRoot(given, app);
  return {root, runtime: nothingRuns, environment, nodeFor: nodeFor(root, {environment})};
}
