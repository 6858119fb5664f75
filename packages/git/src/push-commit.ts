import {SpawnFault, type Output} from '@keelson/spawn';
import {GitFault} from './fault.ts';
import {withoutCredentials, type RemoteBranch, type RemoteLine} from './remote.ts';
import {remoteCall, type RemoteOptions} from './remote-call.ts';
import {remoteFailure, remoteLine} from './remote-failure.ts';
import {runGit} from './run-git.ts';

export interface CommitToPush extends RemoteBranch {
  readonly gitDir: string;
  readonly revision: string;
  /** Hash of the commit where the remote branch has to be, '' for a new branch. Default anywhere that the revision is on top of. */
  readonly expected?: string | undefined;
}

export interface Pushed {
  readonly kind: 'pushed';
  readonly revision: string;
  /** False when the remote branch was there already. */
  readonly changed: boolean;
  /** What the remote said. */
  readonly lines: readonly string[];
}

// A delta against contents that a fetch without contents left behind would have to fetch them first. Over HTTP git sends a thin pack
// whatever --no-thin says (git-remote-http passes --thin on), so there must be no window to look for a base in.
// Nor may it look for a blob that moved where the old tree, which alone tells that the remote has it, is left out (pack.useSparse).
const NO_DELTAS = ['-c', 'pack.window=0', '-c', 'pack.useSparse=false'];

/**
 * Moves a remote branch to a commit: never by force, or from where it is expected alone (`--force-with-lease`). What the remote prints comes as events while it works.
 * Faults: GIT_REJECTED (`stale` when somebody else was faster), GIT_AUTH, GIT_NOT_FOUND, GIT_UNREACHABLE (temporary), GIT_TOO_LARGE, GIT_FAILED, GIT_MISSING.
 */
export async function pushCommit(
  commit: CommitToPush,
  options: RemoteOptions<RemoteLine> = {},
): Promise<Pushed> {
  options.signal?.throwIfAborted();
  const {gitDir, revision, branch, expected} = commit;
  const {onEvent, ...limits} = options;
  const {url, call} = await remoteCall(commit, limits, {push: true});
  const lines: string[] = [];
  const onLine = (text: string) => {
    const line = remoteLine(text);
    if (line === undefined) return;
    lines.push(line);
    onEvent?.({type: 'git:remote', line});
  };
  const flags = ['--porcelain', '--no-progress', '--no-verify', '--no-thin', '--no-follow-tags'];
  try {
    const {stdout} = await runGit(
      [
        ...NO_DELTAS,
        'push',
        ...flags,
        '--recurse-submodules=no',
        ...(expected === undefined ? [] : [`--force-with-lease=refs/heads/${branch}:${expected}`]),
        '--',
        url,
        `${revision}:refs/heads/${branch}`,
      ],
      {...call, env: {...call.env, GIT_DIR: gitDir}, onLine},
    );
    return {kind: 'pushed', revision, changed: !/^=\t/m.test(stdout), lines};
  } catch (error) {
    throw rejection(commit, lines, error) ?? remoteFailure(`push ${branch} to`, commit, error);
  }
}

// The first two are decided here, the others by a remote that two pushes reached at once.
const STALE =
  /non-fast-forward|stale info|fetch first|failed to update ref|cannot lock ref|incorrect old value|reference already exists/;
// `a/b` where there is `a`, or the other way round: that stays so.
const IN_THE_WAY = /' exists; cannot create '/;

/** Whether a branch was refused because somebody else was faster. */
export function isStale(reason: string, lines: readonly string[]): boolean {
  return STALE.test(reason) && !lines.some((line) => IN_THE_WAY.test(line));
}

/** `! TAB from:to TAB summary (reason)` (git-push(1), OUTPUT) */
function rejection(commit: CommitToPush, lines: readonly string[], error: unknown): GitFault | undefined {
  const output: Output | undefined = error instanceof SpawnFault ? error.output : undefined;
  const [, summary = '', reason = ''] = /^!\t\S+\t\[(.*?)\] \((.*)\)$/m.exec(output?.stdout ?? '') ?? [];
  if (summary === '' || summary === 'remote failure') return undefined; // the connection broke before a report
  const stale = isStale(reason, lines);
  const to = `${commit.branch} of ${withoutCredentials(commit.url)}`;
  return new GitFault(
    'GIT_REJECTED',
    stale ? `${to} was moved by somebody else (${reason})` : `${to} was refused: ${reason}`,
    {lines, stale, temporary: stale, cause: error},
  );
}
