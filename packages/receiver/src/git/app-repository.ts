import {mkdir, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {removeTree, writeAtomic} from '@keelson/atomic-fs';
import {initBare} from '@keelson/git';
import type {AppFolder} from '../app-folder.ts';

/** Where pushes of git arrive; made when it is not there. */
export interface AppRepository {
  /** `<root>/<app>/.keelson/repository.git` */
  readonly gitDir: string;
  readonly incoming: string;
}

export async function openRepository({path, incoming}: AppFolder): Promise<AppRepository> {
  const gitDir = join(path, 'repository.git');
  await initBare(gitDir);
  const objects = join(gitDir, 'objects');
  // What a receiver that was killed left behind.
  const quarantines = (await readdir(objects)).filter((name) => name.startsWith('tmp_objdir-'));
  await Promise.all(quarantines.map((name) => removeTree(join(objects, name))));
  await mkdir(join(gitDir, 'hooks'), {recursive: true});
  for (const hook of ['pre-receive', 'proc-receive'])
    await writeAtomic(join(gitDir, 'hooks', hook), hookScript(hook), {mode: 0o755});
  return {gitDir, incoming};
}

function hookScript(hook: string): string {
  const program = fileURLToPath(new URL(`../cli/${hook}.js`, import.meta.url));
  // NODE_OPTIONS of the daemon are not meant for the hook.
  return `#!/bin/sh\nunset NODE_OPTIONS\nexec ${quote(process.execPath)} ${quote(program)}\n`;
}

/** One word for POSIX sh (§2.2.2: nothing is special between single quotes). */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
