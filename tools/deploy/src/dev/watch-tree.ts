import {relative, sep} from 'node:path';
import {watch} from 'chokidar';

/** Editors save several files, and a file in several steps. */
const QUIET_MS = 200;

export interface TreeWatch extends AsyncDisposable {
  /** Resolves with what changed since it was asked last, once it has been quiet for a moment; empty: the signal came. */
  changed(signal: AbortSignal | undefined): Promise<readonly string[]>;
}

/** Watches a working copy, but for node_modules, .git and links to folders. Resolves when changes are seen from now on. */
export async function watchTree(dir: string): Promise<TreeWatch> {
  const paths = new Set<string>();
  let tell: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(dir, {
    ignoreInitial: true,
    ignorePermissionErrors: true,
    followSymlinks: false,
    ignored: (path) =>
      relative(dir, path)
        .split(sep)
        .some((part) => part === 'node_modules' || part === '.git'),
  });
  watcher.on('all', (_event, path) => {
    paths.add(relative(dir, path));
    clearTimeout(timer);
    timer = setTimeout(() => tell?.(), QUIET_MS);
  });
  await new Promise<void>((resolve, reject) => {
    watcher.once('ready', resolve);
    watcher.once('error', reject);
  });
  watcher.on('error', () => {}); // a folder that cannot be read: the others are watched on
  return {
    async changed(signal) {
      if (paths.size === 0 && signal?.aborted !== true)
        await new Promise<void>((resolve) => {
          tell = resolve;
          signal?.addEventListener('abort', () => resolve(), {once: true});
        });
      tell = undefined;
      const told = signal?.aborted === true ? [] : [...paths].toSorted();
      paths.clear();
      return told;
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
