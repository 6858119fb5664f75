import {SpawnFault} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';
import {GitFault} from './fault.ts';
import {ownEnvironment, type Environment} from './git-environment.ts';
import {gitFailed, runGit} from './run-git.ts';

/** A commit in a repository, which may still be in the quarantine of a push that was not accepted yet. */
export interface Revision {
  readonly gitDir: string;
  /** Hash, or anything else git-rev-parse(1) understands. */
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

// git-ls-tree shows no other mode, whatever a tree object says.
const MODES: Readonly<Record<string, TreeEntry['mode']>> = {
  '100644': '644',
  '100755': '755',
  '120000': 'link',
};

/** Every file of a commit, in git's order. Faults: GIT_FAILED, GIT_TOO_LARGE (a listing of more than 64 MiB). */
export async function readTree(revision: Revision, options: StepOptions = {}): Promise<TreeEntry[]> {
  options.signal?.throwIfAborted();
  try {
    const {stdout} = await runGit(
      ['ls-tree', '-r', '-z', '-l', '--full-tree', '--end-of-options', revision.revision],
      {env: revisionEnvironment(revision), signal: options.signal},
    );
    return stdout.split('\0').slice(0, -1).map(parseEntry);
  } catch (error) {
    if (error instanceof SpawnFault && error.code === 'SPAWN_OUTPUT_TOO_LARGE')
      throw new GitFault('GIT_TOO_LARGE', `${revision.revision} lists more than 64 MiB of names`, {
        cause: error,
      });
    throw gitFailed(`cannot read ${revision.revision} in ${revision.gitDir}`, error);
  }
}

export function revisionEnvironment({gitDir, objects}: Revision): Environment {
  return {...ownEnvironment(gitDir), ...objects};
}

/** `<mode> SP <type> SP <object> SP+ <size> TAB <path>` (git-ls-tree(1)) */
function parseEntry(record: string): TreeEntry {
  const tab = record.indexOf('\t');
  const [mode = '', , id = '', size = ''] = record.slice(0, tab).split(/ +/);
  return {
    path: record.slice(tab + 1),
    mode: MODES[mode] ?? 'submodule',
    size: size === '-' ? 0 : Number(size),
    id,
  };
}
