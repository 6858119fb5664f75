import type {StepOptions} from '@keelson/step';
import type {RemoteBranch, RemoteLine} from './remote.ts';

export interface CommitToPush extends RemoteBranch {
  readonly gitDir: string;
  readonly revision: string;
}

export interface Pushed {
  readonly kind: 'pushed';
  readonly revision: string;
  /** False when the remote branch was there already. */
  readonly changed: boolean;
  /** What the remote said. */
  readonly lines: readonly string[];
}

/** Moves a remote branch to a commit; never by force. */
export async function pushCommit(
  commit: CommitToPush,
  options: StepOptions<RemoteLine> = {},
): Promise<Pushed> {
  options.signal?.throwIfAborted();
  throw new TypeError(commit.revision);
}
