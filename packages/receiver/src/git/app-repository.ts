import {existsSync, readdirSync} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {removeTree, writeAtomic} from '@keelson/atomic-fs';
import {initBare} from '@keelson/git';
import {folderPath, once, type AppFolder} from '../app-folder.ts';
import {HOOK_SCRIPTS} from './hook-scripts.ts';

/** Where pushes of git arrive; made when it is not there. */
export interface AppRepository {
  /** `<root>/<app>/.keelson/repository.git` */
  readonly gitDir: string;
  readonly incoming: string;
  /** Pushes that run. */
  readonly pushes: Set<object>;
}

const gitDirOf = (path: string) => join(path, 'repository.git');

/**
 * The repositories of the apps below a root, for reading. An app that nothing was pushed to has an empty one, the same for all of them,
 * in `own`: asking for a name makes no folder of it.
 */
export function readableRepositories(root: string, own: string): (name: string) => Promise<string> {
  const empty = once(async (gitDir) => {
    await initBare(gitDir);
    return gitDir;
  });
  return async (name) => {
    const gitDir = gitDirOf(folderPath(root, name));
    return existsSync(join(gitDir, 'hooks')) ? gitDir : empty(join(own, 'empty.git'));
  };
}

export async function openRepository({path, incoming}: AppFolder): Promise<AppRepository> {
  const gitDir = gitDirOf(path);
  await initBare(gitDir);
  await removeQuarantines(gitDir); // of a receiver that was killed
  await mkdir(join(gitDir, 'hooks'), {recursive: true});
  for (const [hook, script] of Object.entries(HOOK_SCRIPTS))
    await writeAtomic(join(gitDir, 'hooks', hook), script, {mode: 0o755});
  return {gitDir, incoming, pushes: new Set()};
}

/**
 * Removes what pushes that were ended have left: git cannot, while one of its processes still writes there. No push may run when it is
 * called; one that begins meanwhile is safe.
 */
export async function removeQuarantines(gitDir: string): Promise<void> {
  const objects = join(gitDir, 'objects');
  const left = readdirSync(objects).filter((name) => name.startsWith('tmp_objdir-'));
  await Promise.all(left.map((name) => removeTree(join(objects, name))));
}
