import {ownEnvironment} from './git-environment.ts';
import {reasonOf, runGit} from './run-git.ts';

/**
 * Moves a ref of a repository from one commit to another ('' where it is not there yet). Undefined: done; else why it could not be, for
 * example because somebody else has moved it. Faults: GIT_MISSING.
 */
export async function moveRef(
  {gitDir, ref}: {readonly gitDir: string; readonly ref: string},
  {from, to}: {readonly from: string; readonly to: string},
): Promise<string | undefined> {
  const before = from === '' ? '0'.repeat(to.length) : from;
  const {code, stderr} = await runGit(['update-ref', ref, to, before], {
    env: ownEnvironment(gitDir),
    accept: [0, 1, 128],
  });
  return code === 0 ? undefined : reasonOf(stderr);
}
