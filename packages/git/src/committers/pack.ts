import {readlinkSync} from 'node:fs';
import {setImmediate} from 'node:timers/promises';
import {SpawnFault} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';
import {ownEnvironment} from '../git-environment.ts';
import type {LocalEntry} from '../list-tree.ts';
import {FRAME, idOfFramed, startHash} from '../pack/object-format.ts';
import {PackWriter, SMALL} from '../pack/pack-writer.ts';
import {Stamps} from '../pack/stamps.ts';
import {commitBytes, TreeBuilder} from '../pack/tree-objects.ts';
import {readPieces, readWhole} from '../read-pieces.ts';
import {runGit} from '../run-git.ts';
import type {Committer, CommitToWrite, WrittenCommit} from './committer.ts';
import {gitCommitter} from './git.ts';

const LARGE = 8 * 1024 * 1024;
const FILES_PER_TURN = 200;
// Small files one after the other: for the most part they are known, and nothing of them is kept.
const SCRATCH = Buffer.allocUnsafe(FRAME + SMALL + 1);

/**
 * Objects go into one pack that we write ourselves, without those that the parents have; refs by the git program. Measured on 36 000
 * files against `git add`, `write-tree` and `commit-tree`: see bench/README.md.
 */
export const packCommitter: Committer = {...gitCommitter, writeCommit};

async function writeCommit(commit: CommitToWrite, options: StepOptions): Promise<WrittenCommit> {
  const {gitDir, root, parents} = commit;
  const known = new Set<string>();
  for (const parent of parents) await addObjectsOf(known, {gitDir, revision: parent}, options);
  const stamps = commit.remember === true ? new Stamps(gitDir, root) : undefined;
  const pack = new PackWriter(gitDir, (id) => known.has(id));
  try {
    const builder = new TreeBuilder();
    let count = 0;
    for (const entry of commit.entries) {
      if (count++ % FILES_PER_TURN === 0) await setImmediate();
      options.signal?.throwIfAborted();
      const same = stamps?.idOf(entry);
      const id =
        same !== undefined && known.has(same) ? same : await addFile(pack, `${root}/${entry.path}`, entry);
      stamps?.add(entry, id);
      builder.add({path: entry.path, mode: entry.mode, id});
    }
    const trees = builder.finish();
    for (const {bytes, id} of trees) await pack.add('tree', bytes, id);
    const tree = trees.at(-1)!.id;
    await stamps?.save();
    if (tree === commit.parentTree) {
      await pack.discard();
      return {revision: parents[0]!, tree};
    }
    const revision = await pack.add('commit', commitBytes({...commit, tree}));
    return {revision, tree, pack: await pack.finish()};
  } catch (error) {
    await pack.discard();
    throw error;
  }
}

async function addFile(pack: PackWriter, path: string, {mode, size}: LocalEntry): Promise<string> {
  if (mode === 'link') return await pack.add('blob', readlinkSync(path, 'buffer'));
  if (size < LARGE) {
    const framed =
      size <= SMALL ? SCRATCH.subarray(0, FRAME + size + 1) : Buffer.allocUnsafe(FRAME + size + 1);
    const bytes = readWhole(path, size, framed.subarray(FRAME));
    return await pack.add('blob', bytes, idOfFramed('blob', framed.subarray(0, FRAME + size)));
  }
  const hash = startHash('blob', size);
  for (const piece of readPieces(path, size)) hash.update(piece);
  const id = hash.digest('hex');
  await pack.addLarge(id, size, () => readPieces(path, size));
  return id;
}

/** Every tree and blob of a commit, without reading one of them: what was fetched without contents counts as there. */
async function addObjectsOf(
  known: Set<string>,
  {gitDir, revision}: {readonly gitDir: string; readonly revision: string},
  {signal}: StepOptions,
): Promise<void> {
  const list = ['ls-tree', '-r', '-t', '-z', '--full-tree', '--format=%(objectname)', revision];
  const call = {env: ownEnvironment(gitDir), signal};
  const {stdout} = await runGit(list, call).catch(async (error: unknown) => {
    if (error instanceof SpawnFault && error.code === 'SPAWN_OUTPUT_TOO_LARGE') return {stdout: ''}; // then all are written
    if (!(error instanceof SpawnFault) || error.code !== 'SPAWN_EXIT') throw error;
    // git before 2.36 has no --format
    const old = await runGit(
      list.filter((word) => !word.startsWith('--format')),
      call,
    );
    return {stdout: old.stdout.replaceAll(/(^|\0)\d+ \w+ ([0-9a-f]+)\t[^\0]*/g, '$1$2')};
  });
  for (const id of stdout.split('\0')) if (id !== '') known.add(id);
}
