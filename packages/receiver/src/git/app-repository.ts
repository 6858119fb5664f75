import {mkdir, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {removeTree, writeAtomic} from '@keelson/atomic-fs';
import {initBare} from '@keelson/git';
import type {AppFolder} from '../app-folder.ts';
import {HOOK_SCRIPTS} from './hook-scripts.ts';

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
  for (const [hook, script] of Object.entries(HOOK_SCRIPTS))
    await writeAtomic(join(gitDir, 'hooks', hook), script, {mode: 0o755});
  return {gitDir, incoming};
}
