import {randomBytes} from 'node:crypto';
import {resolve} from 'node:path';
import type {StepOptions} from '@keelson/step';
import {fastImport} from './fast-import.ts';
import {GitFault} from './fault.ts';
import {ownEnvironment} from './git-environment.ts';
import {listTree} from './list-tree.ts';
import {gitFailed, reasonOf, runGit} from './run-git.ts';

export interface CommitTarget {
  /** A repository, bare or not; its index, work tree and HEAD stay as they are. */
  readonly gitDir: string;
  /** Branch to create or move, without `refs/heads/`. */
  readonly branch: string;
  readonly message: string;
  /** 'branch' (default): on top of the branch where it exists. 'none': a first commit, replacing what the branch held. */
  readonly parent?: 'branch' | 'none' | undefined;
  /** A further parent: the commit that these files were made from. */
  readonly madeFrom?: string | undefined;
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

/**
 * Commits a folder's files byte for byte onto a branch: no filters, no ignore rules, modes 644, 755 and link; empty folders are lost.
 * Faults: GIT_UNSAFE_TREE (a `.git`, a socket, a name that is not UTF-8 …), GIT_MISSING, GIT_FAILED.
 */
export async function commitTree(
  dir: string,
  target: CommitTarget,
  options: StepOptions = {},
): Promise<Commit> {
  options.signal?.throwIfAborted();
  const root = resolve(dir);
  const gitDir = resolve(target.gitDir);
  const branch = `refs/heads/${target.branch}`;
  const scratch = `refs/keelson/${randomBytes(8).toString('hex')}`;
  const head = await readCommit({gitDir, ref: branch}, options);
  const parent = target.parent === 'none' ? undefined : head;
  const git = {env: ownEnvironment(gitDir)};
  try {
    const parents = [parent?.revision, target.madeFrom].filter((one) => one !== undefined);
    const commit = {gitDir, ref: scratch, parents, message: target.message};
    await fastImport(root, {...commit, author: authorLine(target), entries: listTree(root)}, options);
    const made = await readCommit({gitDir, ref: scratch}, options);
    if (made === undefined) throw new GitFault('GIT_FAILED', `${gitDir} lost the commit of ${root}`);
    if (made.tree === parent?.tree) return {kind: 'commit', ...parent, changed: false};
    await runGit(['update-ref', branch, made.revision, head?.revision ?? ''], {
      ...git,
      signal: options.signal,
    });
    return {kind: 'commit', ...made, changed: true};
  } catch (error) {
    throw gitFailed(`cannot commit ${root} onto ${target.branch}`, error);
  } finally {
    await runGit(['update-ref', '-d', scratch], {...git, accept: [0, 1, 128]});
  }
}

/** The commit at the head of a branch, and its tree; undefined when there is no such branch. Faults: GIT_FAILED, GIT_MISSING. */
export async function readBranch(
  gitDir: string,
  branch: string,
  options: StepOptions = {},
): Promise<{readonly revision: string; readonly tree: string} | undefined> {
  return readCommit({gitDir: resolve(gitDir), ref: `refs/heads/${branch}`}, options);
}

async function readCommit(
  {gitDir, ref}: {readonly gitDir: string; readonly ref: string},
  options: StepOptions = {},
): Promise<{readonly revision: string; readonly tree: string} | undefined> {
  const {code, stdout, stderr} = await runGit(
    ['for-each-ref', '--format=%(refname) %(objectname) %(tree)', ref],
    {env: ownEnvironment(gitDir), accept: [0, 128], signal: options.signal},
  );
  if (code !== 0) throw new GitFault('GIT_FAILED', `cannot read ${gitDir}: ${reasonOf(stderr)}`);
  // The pattern also matches what lies below a ref of that name.
  const line = stdout.split('\n').find((one) => one.startsWith(`${ref} `));
  const [, revision, tree] = line?.split(' ') ?? [];
  return revision && tree ? {revision, tree} : undefined;
}

function authorLine({author, date}: CommitTarget): string {
  const {name, email} = author ?? {name: 'Keelson', email: 'keelson@localhost'};
  // The characters that end a name or a mail address in a commit (git's ident.c takes them out as well).
  const plain = (text: string) => text.replaceAll(/[<>\n\r\0]/g, '').trim();
  const seconds = Math.floor((date ?? new Date()).getTime() / 1000);
  return `${plain(name)} <${plain(email)}> ${seconds} +0000`;
}
