import type {DeployOptions} from './deploy.ts';
import type {Deployment, DeployTarget} from './deployment.ts';

/** Starts what `current` says, after a restart of whoever runs it. Undefined: nothing is deployed, or it runs already. */
export async function resume<G>(
  to: DeployTarget<G>,
  options: DeployOptions = {},
): Promise<Deployment | undefined> {
  options.signal?.throwIfAborted();
  throw new TypeError(`not yet: ${to.root}`);
}
