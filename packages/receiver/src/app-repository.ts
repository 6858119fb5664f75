import {mkdir, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {removeTree, writeAtomic} from '@keelson/atomic-fs';
import {initBare} from '@keelson/git';

/** Where an app's pushes arrive. */
export interface AppRepository {
  /** `<root>/<app>/.keelson/repository.git` */
  readonly gitDir: string;
  /** Holds the folders that pushed trees are checked out to: on the file system that they may be moved within. */
  readonly incoming: string;
}

/** The repositories below a root, each made when it is first asked for. The caller holds the lock of the root. */
export function createRepositories(root: string): (app: string) => Promise<AppRepository> {
  const opened = new Map<string, Promise<AppRepository>>();
  return (app) => {
    const known = opened.get(app);
    if (known !== undefined) return known;
    const opening = open(join(root, app, '.keelson'));
    opened.set(app, opening);
    opening.catch(() => opened.delete(app));
    return opening;
  };
}

async function open(folder: string): Promise<AppRepository> {
  const gitDir = join(folder, 'repository.git');
  const incoming = join(folder, 'incoming');
  await mkdir(folder, {recursive: true});
  // What a receiver that was killed left behind.
  await removeTree(incoming);
  await mkdir(incoming, {mode: 0o700});
  await initBare(gitDir);
  const objects = join(gitDir, 'objects');
  const quarantines = (await readdir(objects)).filter((name) => name.startsWith('tmp_objdir-'));
  await Promise.all(quarantines.map((name) => removeTree(join(objects, name))));
  await mkdir(join(gitDir, 'hooks'), {recursive: true});
  await writeAtomic(join(gitDir, 'hooks/pre-receive'), hookScript(), {mode: 0o755});
  return {gitDir, incoming};
}

function hookScript(): string {
  const program = fileURLToPath(new URL('./cli/pre-receive.js', import.meta.url));
  // NODE_OPTIONS of the daemon are not meant for the hook.
  return `#!/bin/sh\nunset NODE_OPTIONS\nexec ${quote(process.execPath)} ${quote(program)}\n`;
}

/** One word for POSIX sh (§2.2.2: nothing is special between single quotes). */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
