import {mkdtemp, realpath} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {removeTree, removeTreeNow} from './remove-tree.ts';

/** Removed when disposed, and when the program ends before that (an exit, an uncaught error; not SIGKILL). */
export interface TemporaryDirectory extends AsyncDisposable {
  /** Absolute, without symbolic links. */
  readonly path: string;
}

const living = new Set<string>();

/** A new empty directory (0700) in `parent`, default the system's. `prefix` begins its name, default `keelson-`. */
export async function temporaryDirectory(
  options: {readonly prefix?: string | undefined; readonly parent?: string | undefined} = {},
): Promise<TemporaryDirectory> {
  const parent = await realpath(options.parent ?? tmpdir());
  const path = await mkdtemp(join(parent, options.prefix ?? 'keelson-'));
  if (living.size === 0) process.on('exit', removeLiving);
  living.add(path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await removeTree(path);
      living.delete(path);
      if (living.size === 0) process.off('exit', removeLiving);
    },
  };
}

function removeLiving(): void {
  for (const path of living) {
    try {
      removeTreeNow(path);
    } catch {
      // the program is ending: there is nobody left to tell
    }
  }
}
