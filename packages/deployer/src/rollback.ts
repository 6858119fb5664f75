import type {DeployOptions} from './deploy.ts';
import type {Deployment, DeployTarget} from './deployment.ts';

/** Back to the release before, or to the one that is named: code and configuration together. */
export async function rollback<G>(
  to: DeployTarget<G>,
  options: DeployOptions & {readonly release?: number | undefined} = {},
): Promise<Deployment> {
  options.signal?.throwIfAborted();
  throw new TypeError(`not yet: ${to.root}`);
}
