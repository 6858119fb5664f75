import {Fault, type FaultOptions} from '@keelson/step';

export type GitFaultCode =
  | 'GIT_MISSING'
  | 'GIT_REJECTED'
  | 'GIT_UNREACHABLE'
  | 'GIT_NOT_FOUND'
  | 'GIT_AUTH'
  | 'GIT_FAILED'
  | 'GIT_UNSAFE_TREE'
  | 'GIT_TOO_LARGE'
  | 'GIT_OTHER_HASH';

export interface GitFaultOptions extends FaultOptions {
  /** What the other side said, without the `remote: ` prefix. */
  readonly lines?: readonly string[] | undefined;
  /** GIT_REJECTED only: somebody else moved the branch in the meantime; committing on its new head may help. */
  readonly stale?: boolean | undefined;
}

export class GitFault extends Fault<GitFaultCode> {
  readonly lines: readonly string[];
  readonly stale: boolean;

  constructor(code: GitFaultCode, message: string, options: GitFaultOptions = {}) {
    super(code, message, options);
    this.lines = options.lines ?? [];
    this.stale = options.stale ?? false;
  }
}
