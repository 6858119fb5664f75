import type {Archive} from '@keelson/archive';
import type {LimitOverrides} from '@keelson/resource-limits';
import type {StepOptions} from '@keelson/step';
import type {Deployment, DeployEvent, DeployTarget} from './deployment.ts';

export interface DeployOptions extends StepOptions<DeployEvent> {
  /** Memory and CPUs to share out. Default: keelson.json of the deploy root, else what the machine gives. */
  readonly limits?: LimitOverrides | undefined;
  /** Milliseconds after the switch in which a failure switches back. Default: keelson.json, else 10 000. */
  readonly bakeMs?: number | undefined;
  /** Good releases to keep. Default: keelson.json, else 5. */
  readonly keep?: number | undefined;
  /** Run the app's code although this process is root. Default false: DEPLOY_NEEDS_USER. */
  readonly allowRoot?: boolean | undefined;
  /** How long to wait while another deploy holds the lock. Default 0. */
  readonly waitMs?: number | undefined;
  /** Who, for the journal. Default: the system user. */
  readonly by?: string | undefined;
}

/** Brings an archive into service, or leaves everything as it was and says why. */
export async function deploy<G>(
  archive: Archive,
  to: DeployTarget<G>,
  options: DeployOptions = {},
): Promise<Deployment> {
  options.signal?.throwIfAborted();
  throw new TypeError(`not yet: ${archive.path} ${to.root}`);
}
