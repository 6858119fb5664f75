import type {StepOptions} from '@keelson/step';

/** A commit in a repository, which may still be in the quarantine of a push that was not accepted yet. */
export interface Revision {
  readonly gitDir: string;
  readonly revision: string;
  /** From a hook's environment: GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES, GIT_QUARANTINE_PATH. */
  readonly objects?: Readonly<Record<string, string>> | undefined;
}

export interface TreeEntry {
  /** With `/`, relative. */
  readonly path: string;
  readonly mode: '644' | '755' | 'link' | 'submodule';
  /** Bytes; 0 for submodules. */
  readonly size: number;
  /** Hash of the blob (of a submodule: its commit). */
  readonly id: string;
}

/** Every file of a commit, sorted by path. */
export async function readTree(revision: Revision, options: StepOptions = {}): Promise<TreeEntry[]> {
  options.signal?.throwIfAborted();
  throw new TypeError(revision.revision);
}
