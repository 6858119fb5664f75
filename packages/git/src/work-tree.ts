import {existsSync} from 'node:fs';
import {join} from 'node:path';
import type {StepOptions} from '@keelson/step';
import {userEnvironment} from './git-environment.ts';
import {withoutCredentials} from './remote.ts';
import {gitFailed, reasonOf, runGit} from './run-git.ts';
import {GitFault} from './fault.ts';

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

/**
 * What git knows of a folder. Undefined outside of a repository, in one without a commit, and where the repository ignores the folder.
 * Faults: GIT_MISSING; GIT_FAILED (also for a repository that belongs to somebody else).
 */
export async function describeWorkTree(
  dir: string,
  options: StepOptions = {},
): Promise<WorkTree | undefined> {
  const git = await openWorkTree(dir, options);
  if (git === undefined) return undefined;
  const status = await git(['status', '--porcelain=v2', '--branch', '--no-renames', '-z', '--', '.']);
  const records = status.split('\0').filter((record) => record !== '');
  const header = new Map(
    records
      .filter((record) => record.startsWith('# '))
      .map((record) => [record.split(' ')[1], record.split(' ').slice(2).join(' ')]),
  );
  const revision = header.get('branch.oid');
  const branch = header.get('branch.head');
  if (revision === undefined || revision === '(initial)') return undefined;
  const origin = (await git(['config', '--get', 'remote.origin.url'], [0, 1])).trim();
  return {
    kind: 'work-tree',
    revision,
    branch: branch === '(detached)' ? undefined : branch,
    origin: origin === '' ? undefined : withoutCredentials(origin),
    dirty: records.some((record) => !record.startsWith('# ')),
  };
}

/** The repository that a folder is part of: an absolute path for `gitDir` of others. Undefined outside of one. Faults as for describeWorkTree. */
export async function repositoryOf(dir: string, options: StepOptions = {}): Promise<string | undefined> {
  const git = await openWorkTree(dir, options);
  return (await git?.(['rev-parse', '--path-format=absolute', '--git-common-dir']))?.replace(/\n$/, '');
}

/**
 * Files below a folder that are tracked, or untracked and not ignored; those of submodules and nested repositories too.
 * Paths are relative to the folder, with `/`, sorted; files that were deleted are not among them.
 * Undefined outside of a repository and where the repository ignores the folder. Faults as for describeWorkTree.
 */
export async function listWorkTreeFiles(
  dir: string,
  options: StepOptions = {},
): Promise<string[] | undefined> {
  const git = await openWorkTree(dir, options);
  if (git === undefined) return undefined;
  const [tracked, untracked, deleted] = await Promise.all([
    git(['ls-files', '-z', '--cached', '--stage']),
    git(['ls-files', '-z', '--others', '--exclude-standard']),
    git(['ls-files', '-z', '--deleted']),
  ]);
  const files = new Set<string>();
  const nested = new Set<string>();
  for (const record of split(tracked)) {
    const path = record.slice(record.indexOf('\t') + 1);
    (record.startsWith('160000 ') ? nested : files).add(path);
  }
  for (const path of split(untracked))
    if (path.endsWith('/')) nested.add(path.slice(0, -1));
    else files.add(path);
  for (const path of split(deleted)) {
    files.delete(path);
    nested.delete(path);
  }
  // A submodule that was never fetched is an empty folder of this repository.
  for (const folder of [...nested].filter((one) => existsSync(join(dir, one, '.git'))))
    for (const path of (await listWorkTreeFiles(join(dir, folder), options)) ?? [])
      files.add(`${folder}/${path}`);
  return [...files].sort();
}

/**
 * What the repository ignores below a folder, relative to it, sorted: files, and folders as a whole, with a `/` at their end.
 * Undefined outside of a repository and where the repository ignores the folder itself. Faults as for describeWorkTree.
 */
export async function listIgnored(dir: string, options: StepOptions = {}): Promise<string[] | undefined> {
  const git = await openWorkTree(dir, options);
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'];
  if (git === undefined) return undefined;
  const all = split(await git(args)).sort();
  // A folder of which everything is ignored is listed together with the ignored folders in it.
  const folders = new Set(all.filter((path) => path.endsWith('/')));
  return all.filter((path) => !parentsOf(path).some((parent) => folders.has(parent)));
}

/** `a/b/c` → `a/`, `a/b/`. */
function parentsOf(path: string): string[] {
  const parts = path.replace(/\/$/, '').split('/').slice(0, -1);
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`);
}

type Git = (args: readonly string[], accept?: readonly number[]) => Promise<string>;

async function openWorkTree(dir: string, options: StepOptions): Promise<Git | undefined> {
  const call = {cwd: dir, env: userEnvironment(), signal: options.signal};
  // 0: ignored, 1: not ignored, 128: no work tree, or one that git does not want to read
  const {code, stderr} = await runGit(['check-ignore', '--quiet', '.'], {...call, accept: [0, 1, 128]});
  if (code === 0) return undefined;
  if (code === 128) {
    if (/not a git repository|must be run in a work tree|outside repository/.test(stderr)) return undefined;
    throw new GitFault('GIT_FAILED', `git cannot read the repository of ${dir}: ${reasonOf(stderr)}`, {
      hint: stderr.includes('dubious ownership')
        ? 'It belongs to another user; allow it with: git config --global --add safe.directory DIR'
        : undefined,
    });
  }
  return async (args, accept) => {
    try {
      return (await runGit(args, {...call, accept})).stdout;
    } catch (error) {
      throw gitFailed(`git cannot read the repository of ${dir}`, error);
    }
  };
}

function split(records: string): string[] {
  return records.split('\0').filter((record) => record !== '');
}
