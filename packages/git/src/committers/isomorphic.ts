import fs, {readlinkSync} from 'node:fs';
import {mkdir, open, readFile, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {setImmediate} from 'node:timers/promises';
import type {StepOptions} from '@keelson/step';
import {GitFault} from '../fault.ts';
import {idOf} from '../pack/object-format.ts';
import {commitBytes, TreeBuilder} from '../pack/tree-objects.ts';
import {readWhole} from '../read-pieces.ts';
import type {Committer, CommitToWrite, Head, WrittenCommit} from './committer.ts';

const FILES_PER_TURN = 100;

/**
 * Without a git program, by isomorphic-git: one loose object per file, so for small trees (36 000 files take it five times as long
 * as git, see bench/README.md).
 */
export const isomorphicCommitter: Committer = {readHead, writeCommit, moveRef};

async function readHead({
  gitDir,
  ref,
}: {
  readonly gitDir: string;
  readonly ref: string;
}): Promise<Head | undefined> {
  const {default: git} = await import('isomorphic-git');
  await readFile(join(gitDir, 'HEAD')).catch(() => {
    throw new GitFault('GIT_FAILED', `cannot read ${gitDir}: not a git repository`);
  });
  const revision = await git.resolveRef({fs, gitdir: gitDir, ref}).catch(absent);
  if (revision === undefined) return undefined;
  const {commit} = await git.readCommit({fs, gitdir: gitDir, oid: revision});
  return {revision, tree: commit.tree};
}

async function writeCommit(commit: CommitToWrite, {signal}: StepOptions): Promise<WrittenCommit> {
  const {default: git} = await import('isomorphic-git');
  const {gitDir: gitdir, root, parents} = commit;
  const known = new Set<string>();
  for (const parent of parents) await addObjectsOf(known, {gitdir, oid: parent});
  const add = async (type: 'blob' | 'tree' | 'commit', object: Buffer): Promise<string> => {
    signal?.throwIfAborted();
    const id = idOf(type, object);
    if (!known.has(id)) await git.writeObject({fs, gitdir, type, object, format: 'content'});
    known.add(id);
    return id;
  };
  const builder = new TreeBuilder();
  let count = 0;
  for (const entry of commit.entries) {
    const path = join(root, entry.path);
    if (count++ % FILES_PER_TURN === 0) await setImmediate();
    const bytes = entry.mode === 'link' ? readlinkSync(path, 'buffer') : readWhole(path, entry.size);
    builder.add({...entry, id: await add('blob', bytes)});
  }
  const trees = builder.finish();
  for (const {bytes} of trees) await add('tree', bytes);
  const tree = trees.at(-1)!.id;
  if (tree === commit.parentTree) return {revision: parents[0]!, tree};
  return {tree, revision: await add('commit', commitBytes({...commit, tree}))};
}

async function addObjectsOf(
  known: Set<string>,
  {gitdir, oid}: {readonly gitdir: string; readonly oid: string},
): Promise<void> {
  const {default: git} = await import('isomorphic-git');
  const todo = [oid];
  for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
    const {tree, oid: id} = await git.readTree({fs, gitdir, oid: one}); // of a commit: its tree
    known.add(id);
    for (const entry of tree)
      if (!known.has(entry.oid)) {
        known.add(entry.oid);
        if (entry.type === 'tree') todo.push(entry.oid);
      }
  }
}

/** As git does it: a `.lock` beside the ref that one process alone can make, the old value looked at under it. */
async function moveRef(
  {gitDir, ref}: {readonly gitDir: string; readonly ref: string},
  {from, to}: {readonly from: string | undefined; readonly to: string},
): Promise<void> {
  const {default: git} = await import('isomorphic-git');
  const path = join(gitDir, ref);
  await mkdir(dirname(path), {recursive: true});
  const lock = await open(`${path}.lock`, 'wx').catch((error: unknown) => {
    throw new GitFault('GIT_FAILED', `cannot lock ${ref} of ${gitDir}`, {temporary: true, cause: error});
  });
  try {
    const now = await git.resolveRef({fs, gitdir: gitDir, ref}).catch(absent);
    if (now !== from)
      throw new GitFault('GIT_FAILED', `${ref} of ${gitDir} moved meanwhile`, {temporary: true});
    await lock.writeFile(`${to}\n`);
    await lock.sync();
    await lock.close();
    await rename(`${path}.lock`, path);
  } catch (error) {
    await lock.close().catch(() => {});
    await rm(`${path}.lock`, {force: true});
    throw error;
  }
}

function absent(error: unknown): undefined {
  if ((error as {code?: string}).code === 'NotFoundError') return undefined;
  throw error;
}
