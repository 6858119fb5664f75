import type {StepOptions} from '@keelson/step';
import type {RemoteBranch} from './remote.ts';

export interface BranchToFetch extends RemoteBranch {
  /** A bare repository of our own; its branch of the same name is set to what came. */
  readonly gitDir: string;
}

/** Brings the newest commit of a remote branch, without its history and, where the remote can do that, without file contents. Undefined when there is no such branch. */
export async function fetchBranch(
  branch: BranchToFetch,
  options: StepOptions = {},
): Promise<{readonly revision: string; readonly tree: string} | undefined> {
  options.signal?.throwIfAborted();
  throw new TypeError(branch.branch);
}
