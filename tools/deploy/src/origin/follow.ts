import {setTimeout as delay} from 'node:timers/promises';
import type {Deployment} from '@keelson/deployer';
import {isFault} from '@keelson/step';
import type {DeployPlace} from '../deploy-place.ts';
import {deployNewest, type NewestWay, type Unchanged} from './deploy-newest.ts';
import type {Origin} from './origin.ts';

export interface Followed {
  readonly kind: 'followed';
  /** Each that was deployed or refused, in order. */
  readonly deployments: readonly Deployment[];
}

export interface FollowWay extends NewestWay {
  readonly everyMs: number;
  readonly onDeployment: (deployment: Deployment | Unchanged) => void;
}

/**
 * Deploys what an origin leads to, and again each time that it leads to something else, until the signal. One that was refused is not tried
 * again, and what cannot be reached for a while is told and waited for. Faults: those of the first attempt that waiting does not cure.
 */
export async function follow(origin: Origin, place: DeployPlace, way: FollowWay): Promise<Followed> {
  const {signal} = way.step;
  const deployments: Deployment[] = [];
  let tried: string | undefined;
  let seen = false;
  const wanted = (identity: string): boolean => {
    const known = identity === tried;
    tried = identity;
    return !known;
  };
  const isOver = () => signal?.aborted === true;
  while (!isOver()) {
    try {
      const redeploy = way.redeploy === true && !seen;
      const done = await deployNewest(origin, place, {...way, redeploy, wanted});
      if (done !== undefined && (done.result !== 'unchanged' || !seen)) way.onDeployment(done);
      if (done !== undefined && done.result !== 'unchanged') deployments.push(done);
      seen = true;
    } catch (error) {
      if (isOver()) break;
      if (!isFault(error) || (!seen && error.temporary !== true)) throw error;
      if (error.temporary === true) tried = undefined; // the same again, when it can be done
      way.onLine(`${error.message}; tried again in ${way.everyMs / 1000} s`);
    }
    await delay(way.everyMs, undefined, {signal}).catch(() => undefined);
  }
  return {kind: 'followed', deployments};
}
