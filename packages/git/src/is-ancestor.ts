import type {StepOptions} from '@keelson/step';
import {revisionEnvironment, type Revision} from './read-tree.ts';
import {runGit} from './run-git.ts';

/** Whether a commit is that revision or comes before it; false also when the history is not here (a shallow push). Faults: GIT_MISSING. */
export async function isAncestor(
  {gitDir, revision, objects}: Revision,
  ancestor: string,
  options: StepOptions = {},
): Promise<boolean> {
  const {code} = await runGit(['merge-base', '--is-ancestor', ancestor, revision], {
    env: revisionEnvironment({gitDir, revision, objects}),
    accept: [0, 1, 128],
    signal: options.signal,
  });
  return code === 0;
}
