import {mkdir, readFile, stat} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {writeAtomic} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import {ownEnvironment} from './git-environment.ts';
import {gitFailed, runGit} from './run-git.ts';

// Highest precedence of all attributes (gitattributes(5)), so that no .gitattributes of a dependency changes a byte.
const BYTE_EXACT = '* -text -filter -ident -working-tree-encoding -export-ignore -export-subst\n';

/**
 * Creates a bare repository whose checkouts are byte-exact (no filters, no line ending conversion) and whose HEAD is `main`.
 * Harmless on an existing one. Faults: GIT_MISSING, GIT_FAILED.
 */
export async function initBare(dir: string, options: StepOptions = {}): Promise<void> {
  const gitDir = resolve(dir);
  await mkdir(gitDir, {recursive: true});
  // No template: it would bring the machine's sample or site-wide hooks.
  await runGit(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', gitDir], {
    env: ownEnvironment(gitDir),
    signal: options.signal,
  }).catch((error: unknown) => {
    throw gitFailed(`cannot create a repository in ${gitDir}`, error);
  });
  await mkdir(join(gitDir, 'info'), {recursive: true});
  await writeAtomic(join(gitDir, 'info/attributes'), BYTE_EXACT);
}

/** True for a folder that is a bare repository. */
export async function isBareRepository(dir: string): Promise<boolean> {
  try {
    const head = await readFile(join(dir, 'HEAD'), 'utf8');
    const [objects, refs] = await Promise.all([stat(join(dir, 'objects')), stat(join(dir, 'refs'))]);
    return /^(ref: refs\/|[0-9a-f]{40,64}$)/m.test(head) && objects.isDirectory() && refs.isDirectory();
  } catch {
    return false;
  }
}
