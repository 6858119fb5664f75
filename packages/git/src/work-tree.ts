import type {StepOptions} from '@keelson/step';

export interface WorkTree {
  readonly kind: 'work-tree';
  /** Full hash of HEAD. */
  readonly revision: string;
  /** Undefined with a detached HEAD. */
  readonly branch: string | undefined;
  /** URL of the remote `origin`, without credentials. */
  readonly origin: string | undefined;
  /** Something below the folder differs from HEAD, untracked files included. */
  readonly dirty: boolean;
}

/** What git knows of a folder; undefined outside of a repository, in one without a commit, and where the repository ignores the folder. */
export async function describeWorkTree(
  dir: string,
  options: StepOptions = {},
): Promise<WorkTree | undefined> {
  options.signal?.throwIfAborted();
  throw new TypeError(dir);
}

/**
 * Files below a folder that are tracked, or untracked and not ignored; those of submodules and nested repositories too.
 * Paths are relative to the folder, with `/`, sorted. Undefined outside of a repository and where the repository ignores the folder.
 */
export async function listWorkTreeFiles(
  dir: string,
  options: StepOptions = {},
): Promise<string[] | undefined> {
  options.signal?.throwIfAborted();
  throw new TypeError(dir);
}
