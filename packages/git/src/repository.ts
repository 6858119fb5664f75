import {readFile, stat} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {makeDirectory, writeAtomic} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import {GitFault} from './fault.ts';

// Highest precedence of all attributes (gitattributes(5)), so that no .gitattributes of a dependency changes a byte.
const BYTE_EXACT = '* -text -filter -ident -working-tree-encoding -export-ignore -export-subst\n';
const CORE = '\tfilemode = true\n\tbare = true\n';
const CONFIG = {
  sha1: `[core]\n\trepositoryformatversion = 0\n${CORE}`,
  sha256: `[core]\n\trepositoryformatversion = 1\n${CORE}[extensions]\n\tobjectformat = sha256\n`,
} as const;
const FOLDERS = ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info'];

export interface InitOptions extends StepOptions {
  /** What its hashes are; a push or fetch needs the same on both sides (else GIT_OTHER_HASH). Default 'sha1'. */
  readonly objectFormat?: keyof typeof CONFIG | undefined;
}

/**
 * Creates a bare repository whose checkouts are byte-exact (no filters, no line ending conversion) and whose HEAD is `main`.
 * Harmless on an existing one. Faults: GIT_FAILED.
 */
export async function initBare(
  dir: string,
  {signal, objectFormat = 'sha1'}: InitOptions = {},
): Promise<void> {
  signal?.throwIfAborted();
  const gitDir = resolve(dir);
  // As gitrepository-layout(5) says, and not by `git init`: no template, hash or ref format of the machine's choice, and no program.
  try {
    const there = await isBareRepository(gitDir);
    for (const folder of FOLDERS) await makeDirectory(join(gitDir, folder));
    const attributes = join(gitDir, 'info/attributes');
    if ((await readFile(attributes, 'utf8').catch(() => '')) !== BYTE_EXACT)
      await writeAtomic(attributes, BYTE_EXACT);
    if (there) return;
    await writeAtomic(join(gitDir, 'config'), CONFIG[objectFormat]);
    await writeAtomic(join(gitDir, 'HEAD'), 'ref: refs/heads/main\n'); // last: with it git takes the folder for a repository
  } catch (error) {
    throw new GitFault('GIT_FAILED', `cannot create a repository in ${gitDir}: ${(error as Error).message}`, {
      cause: error,
    });
  }
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
