import type {StepOptions} from '@keelson/step';
import type {LocalEntry} from '../list-tree.ts';
import type {Pack} from '../pack/pack-writer.ts';

/** Where a branch stands. */
export interface Head {
  readonly revision: string;
  readonly tree: string;
}

export interface CommitToWrite {
  readonly gitDir: string;
  /** Folder of the files. */
  readonly root: string;
  readonly entries: Iterable<LocalEntry>;
  /** The first is the branch's. */
  readonly parents: readonly string[];
  /** Tree of the branch's commit: when the files are that, nothing needs to be kept and the branch's commit may come back. */
  readonly parentTree?: string | undefined;
  readonly message: string;
  /** Read only what changed since the last commit of the folder, and remember for the next. */
  readonly remember?: boolean | undefined;
  /** `Name <mail> seconds +0000` */
  readonly author: string;
}

export interface WrittenCommit extends Head {
  /** The new objects in one file, where they were written so. */
  readonly pack?: Pack | undefined;
}

/** One way to read refs and to write a commit; all ways give the same hashes. */
export interface Committer {
  /** Undefined: no such ref. */
  readHead(
    at: {readonly gitDir: string; readonly ref: string},
    options: StepOptions,
  ): Promise<Head | undefined>;
  /** Writes the objects; no branch moves. */
  writeCommit(commit: CommitToWrite, options: StepOptions): Promise<WrittenCommit>;
  /** Moves a ref that stands at `from` (undefined: does not exist). */
  moveRef(
    at: {readonly gitDir: string; readonly ref: string},
    move: {readonly from: string | undefined; readonly to: string},
    options: StepOptions,
  ): Promise<void>;
}
