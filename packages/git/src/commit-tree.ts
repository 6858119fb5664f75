import {resolve} from 'node:path';
import {isFault, type StepOptions} from '@keelson/step';
import {committers, wayFor, type CommitWay} from './committers.ts';
import type {Committer} from './committers/committer.ts';
import {listTree} from './list-tree.ts';
import type {Pack} from './pack/pack-writer.ts';
import {gitFailed} from './run-git.ts';

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
  /**
   * Keeps in the repository which file has which hash by its size, times and inode, so that the next commit of the same folder reads
   * only what changed (as git's index does). Only the way `pack`. Default false.
   */
  readonly remember?: boolean | undefined;
  /** Default the fastest that is possible; every way gives the same hashes. */
  readonly way?: CommitWay | undefined;
}

/** What is new lies in one file that can be sent as it is: everything but what the parents have. Told before the branch moves. */
export interface PackedEvent extends Pack {
  readonly type: 'git:packed';
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
  options: StepOptions<PackedEvent> = {},
): Promise<Commit> {
  options.signal?.throwIfAborted();
  const root = resolve(dir);
  const gitDir = resolve(target.gitDir);
  const at = {gitDir, ref: `refs/heads/${target.branch}`};
  const way = target.way ?? (await wayFor(gitDir));
  try {
    return await commitBy(way, {root, at, target}, options);
  } catch (error) {
    const missing = target.way === undefined && isFault(error) && error.code === 'GIT_MISSING';
    if (!missing) throw gitFailed(`cannot commit ${root} onto ${target.branch}`, error);
    return await commitBy('isomorphic', {root, at, target}, options);
  }
}

interface Committing {
  readonly root: string;
  readonly at: {readonly gitDir: string; readonly ref: string};
  readonly target: CommitTarget;
}

async function commitBy(
  way: CommitWay,
  {root, at, target}: Committing,
  {signal, onEvent}: StepOptions<PackedEvent>,
): Promise<Commit> {
  const committer: Committer = committers[way];
  const head = await committer.readHead(at, {signal});
  const parent = target.parent === 'none' ? undefined : head;
  const parents = [parent?.revision, target.madeFrom].filter((one) => one !== undefined);
  const {pack, revision, tree} = await committer.writeCommit(
    {
      gitDir: at.gitDir,
      root,
      entries: listTree(root),
      parents,
      parentTree: parent?.tree,
      message: target.message,
      remember: target.remember,
      author: authorLine(target),
    },
    {signal},
  );
  if (tree === parent?.tree) return {kind: 'commit', ...parent, changed: false};
  signal?.throwIfAborted();
  if (pack !== undefined) onEvent?.({type: 'git:packed', ...pack});
  await committer.moveRef(at, {from: head?.revision, to: revision}, {signal});
  return {kind: 'commit', revision, tree, changed: true};
}

/** The commit at the head of a branch, and its tree; undefined when there is no such branch. Faults: GIT_FAILED, GIT_MISSING. */
export async function readBranch(
  gitDir: string,
  branch: string,
  options: StepOptions = {},
): Promise<{readonly revision: string; readonly tree: string} | undefined> {
  return committers.git.readHead({gitDir: resolve(gitDir), ref: `refs/heads/${branch}`}, options);
}

function authorLine({author, date}: CommitTarget): string {
  const {name, email} = author ?? {name: 'Keelson', email: 'keelson@localhost'};
  // The characters that end a name or a mail address in a commit (git's ident.c takes them out as well).
  const plain = (text: string) => text.replaceAll(/[<>\n\r\0]/g, '').trim();
  const seconds = Math.floor((date ?? new Date()).getTime() / 1000);
  return `${plain(name)} <${plain(email)}> ${seconds} +0000`;
}
