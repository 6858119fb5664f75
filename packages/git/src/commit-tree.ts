import type {StepOptions} from '@keelson/step';

export interface CommitTarget {
  /** A repository, bare or not; its index, work tree and HEAD stay as they are. */
  readonly gitDir: string;
  /** Branch to create or move, without `refs/heads/`. */
  readonly branch: string;
  readonly message: string;
  /** 'branch' (default): on top of the branch where it exists. 'none': a first commit, replacing what the branch held. */
  readonly parent?: 'branch' | 'none' | undefined;
  /** Of author and committer. Default now; give one for a reproducible revision. */
  readonly date?: Date | undefined;
  /** Default Keelson <keelson@localhost>. */
  readonly author?: {readonly name: string; readonly email: string} | undefined;
}

export interface Commit {
  readonly kind: 'commit';
  readonly revision: string;
  readonly tree: string;
  /** False when the parent holds the same tree: then `revision` is the parent's and nothing was committed. */
  readonly changed: boolean;
}

/** Commits a folder's files byte for byte onto a branch. */
export async function commitTree(
  dir: string,
  target: CommitTarget,
  options: StepOptions = {},
): Promise<Commit> {
  options.signal?.throwIfAborted();
  throw new TypeError(`${dir} ${target.branch}`);
}
