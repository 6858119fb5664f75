import {openReleases} from '@keelson/releases';
import type {DeployOptions} from './deploy.ts';
import type {DeployTarget} from './deployment.ts';
import {DeployFault} from './fault.ts';
import {workloadOf} from './plan-workload.ts';
import {planRelease} from './rollback.ts';
import type {Workload} from './runtime.ts';
import {undoList} from './undo-list.ts';

/**
 * What the current release would be started as: its processes, their shares of the machine and their environment, secrets among it. Starts
 * nothing. Faults: DEPLOY_CONFIG (nothing is deployed, or its configuration will not do), DEPLOY_NODE, RELEASE_*, and those of planning.
 */
export async function planCurrent<G>(
  to: Omit<DeployTarget<G>, 'runtime'>,
  options: Pick<DeployOptions, 'signal' | 'waitMs' | 'limits'> = {},
): Promise<Workload> {
  const {signal, waitMs} = options;
  signal?.throwIfAborted();
  await using releases = await openReleases(to.root, {reason: 'a look at what runs', waitMs, signal});
  const release = await releases.current();
  if (release === undefined)
    throw new DeployFault('DEPLOY_CONFIG', `nothing is deployed in ${releases.root}`, {
      hint: 'Deploy an archive first.',
    });
  const tell = () => undefined;
  const plan = await planRelease(release, {
    releases,
    to,
    options,
    undo: undoList(tell),
    rights: 'none',
    tell,
    about: tell,
  });
  if (!('because' in plan)) return workloadOf(release, plan);
  throw new DeployFault('DEPLOY_CONFIG', `release ${release.number} cannot be started: ${plan.because}`);
}
