import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {planCurrent, type Workload} from '@keelson/deployer';
import {readReleases} from '@keelson/releases';
import {appUser, environmentFor} from '../app-user.ts';
import type {DeployWay} from '../deploy-archive.ts';
import type {DeployPlace} from '../deploy-place.ts';
import {nodeFor} from '../node-for.ts';
import {releaseFiles} from '../runtime/release-socket.ts';

/** While a deploy holds the root. */
const WAIT_MS = 30_000;

/** `adapt`: not as it was shared out when it was started, but as it would be now. */
export interface ServicesWay extends DeployWay {
  readonly adapt?: boolean | undefined;
}

/** What runs, or would run, of an app: of a unit of systemd what it was given. Faults: those of `planCurrent`. */
export async function currentWorkload(
  {kind, root}: DeployPlace,
  {step, here, adapt = false}: ServicesWay,
): Promise<Workload> {
  const {signal} = step;
  const {current} = await readReleases(root, {signal});
  if (kind === 'systemd' && current !== undefined && !adapt) {
    const {workload} = releaseFiles(root, current.number);
    if (existsSync(workload)) return JSON.parse(await readFile(workload, 'utf8')) as Workload;
  }
  const {limits, basePort, waitMs = WAIT_MS} = here;
  const environment = await environmentFor(await appUser(root, here), here.environment);
  const to = {root, environment, basePort, nodeFor: nodeFor(root, {environment})};
  return planCurrent(to, {signal, waitMs, limits});
}
