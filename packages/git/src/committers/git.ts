import {randomBytes} from 'node:crypto';
import type {StepOptions} from '@keelson/step';
import {fastImport} from '../fast-import.ts';
import {GitFault} from '../fault.ts';
import {ownEnvironment} from '../git-environment.ts';
import {reasonOf, runGit} from '../run-git.ts';
import type {Committer, CommitToWrite, Head, WrittenCommit} from './committer.ts';

/** All by the git program: `git fast-import` for the objects. Also for repositories whose hashes are SHA-256. */
export const gitCommitter: Committer = {readHead, writeCommit, moveRef};

async function readHead(
  {gitDir, ref}: {readonly gitDir: string; readonly ref: string},
  options: StepOptions,
): Promise<Head | undefined> {
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

async function writeCommit(commit: CommitToWrite, options: StepOptions): Promise<WrittenCommit> {
  const {gitDir, root} = commit;
  const ref = `refs/keelson/${randomBytes(8).toString('hex')}`;
  try {
    await fastImport(root, {...commit, ref}, options);
    const made = await readHead({gitDir, ref}, options);
    if (made === undefined) throw new GitFault('GIT_FAILED', `${gitDir} lost the commit of ${root}`);
    return made;
  } finally {
    await runGit(['update-ref', '-d', ref], {env: ownEnvironment(gitDir), accept: [0, 1, 128]});
  }
}

async function moveRef(
  {gitDir, ref}: {readonly gitDir: string; readonly ref: string},
  {from, to}: {readonly from: string | undefined; readonly to: string},
  {signal}: StepOptions,
): Promise<void> {
  await runGit(['update-ref', ref, to, from ?? ''], {env: ownEnvironment(gitDir), signal});
}
