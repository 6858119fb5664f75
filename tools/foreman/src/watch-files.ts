import {existsSync, fstatSync, type BigIntStats, type Stats} from 'node:fs';
import {realpath} from 'node:fs/promises';
import {dirname, relative, resolve, sep} from 'node:path';
import {watch, type FSWatcher} from 'chokidar';
import {ForemanFault} from './fault.ts';
import {watchedFiles} from './watch-globs.ts';

export interface WatchFilesOptions {
  /** Process type → globs, relative to the root. */
  readonly globs: ReadonlyMap<string, readonly string[]>;
  /** A type whose files (relative paths) have changed, once it has been quiet for a moment. */
  readonly onChange: (type: string, paths: readonly string[]) => void;
  /** A file that could not be watched, later than at the start. */
  readonly onFault: (fault: ForemanFault) => void;
}

/** An editor saves several files, and a file in several steps; chokidar tells of a removal 100 ms later. */
const QUIET_MS = 150;
const LONGEST_MS = 1000;

/**
 * Watches the files below a root; resolves when changes are seen from now on. Never looks into node_modules and .git (unless a
 * glob begins there), through links to folders, nor at what our own output goes to. Throws FOREMAN_WATCH.
 */
export async function watchFiles(folder: string, options: WatchFilesOptions): Promise<AsyncDisposable> {
  const root = await realpath(folder);
  const types = [...options.globs].map(([type, globs]) => ({type, files: watchedFiles(root, globs)}));
  const concerns = (path: string) => types.some(({files}) => files.matches(path));
  const changes = collectChanges((paths) => {
    for (const {type, files} of types) {
      const own = paths.filter((path) => files.matches(path));
      if (own.length > 0) options.onChange(type, own);
    }
  });
  const outputs = ourOutputs();

  const watcher = watch(
    starts(
      root,
      types.flatMap(({files}) => files.bases),
    ),
    {
      ignoreInitial: true,
      ignorePermissionErrors: true,
      // A link to a folder above would be followed without end.
      followSymlinks: false,
      ignored: (path, stats) => {
        const inside = slashed(relative(root, path)) || '.';
        if (stats?.isFile() === true) return !concerns(inside) || outputs.some((one) => isSame(one, stats));
        return !types.some(({files}) => files.mayHold(inside));
      },
    },
  );
  watcher.on('all', (event, path) => {
    const changed = slashed(relative(root, path));
    if (!event.endsWith('Dir') && concerns(changed)) changes.add(changed);
  });
  try {
    await ready(watcher);
  } catch (error) {
    await watcher.close();
    throw watchFault(error);
  }
  watcher.on('error', (error) => options.onFault(watchFault(error)));
  return {
    [Symbol.asyncDispose]: async () => {
      changes.stop();
      await watcher.close();
    },
  };
}

function ready(watcher: FSWatcher): Promise<void> {
  return new Promise((resolve, reject) => {
    watcher.once('error', reject);
    watcher.once('ready', () => {
      watcher.off('error', reject);
      resolve();
    });
  });
}

function watchFault(error: unknown): ForemanFault {
  const {code, message} = error as NodeJS.ErrnoException;
  // inotify(7): the number of watched files of a user, and of programs that watch.
  const limit = {ENOSPC: 'fs.inotify.max_user_watches', EMFILE: 'fs.inotify.max_user_instances'}[code ?? ''];
  if (limit === undefined)
    return new ForemanFault('FOREMAN_WATCH', `cannot watch: ${message}`, {cause: error});
  const value = code === 'ENOSPC' ? 524_288 : 512;
  return new ForemanFault('FOREMAN_WATCH', `cannot watch: the system's limit ${limit} is reached (${code})`, {
    hint: `Raise it: sudo sysctl ${limit}=${value}; or watch less: --watch 'src/**'.`,
    cause: error,
  });
}

interface Changes {
  add(path: string): void;
  stop(): void;
}

/** Tells what came together at once: after a quiet moment, at the latest after a second. */
function collectChanges(tell: (paths: string[]) => void): Changes {
  const paths = new Set<string>();
  let first = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    const told = [...paths];
    paths.clear();
    tell(told);
  };
  return {
    add(path) {
      if (paths.size === 0) first = performance.now();
      paths.add(path);
      clearTimeout(timer);
      timer = setTimeout(flush, Math.max(0, Math.min(QUIET_MS, first + LONGEST_MS - performance.now())));
    },
    stop: () => clearTimeout(timer),
  };
}

/** Files that our stdout and stderr go to: each line there would look like a change. */
function ourOutputs(): BigIntStats[] {
  return [1, 2].flatMap((fd) => {
    try {
      // As plain numbers they would mislead the realpath of Node 20 and 22, which looks at those of the latest stat.
      const stats = fstatSync(fd, {bigint: true});
      return stats.isFile() ? [stats] : [];
    } catch {
      return []; // closed
    }
  });
}

function isSame(one: BigIntStats, other: Stats): boolean {
  return Number(one.dev) === other.dev && Number(one.ino) === other.ino;
}

/** Existing folders that hold the bases, whether those are there yet or not. */
function starts(root: string, bases: readonly string[]): string[] {
  const folders = bases.map((base) =>
    base.startsWith('..') ? existing(dirname(resolve(root, base))) : root,
  );
  return [...new Set(folders)];
}

/** The nearest folder above that is there, or the path itself. */
function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
}

const slashed = (path: string): string => (sep === '/' ? path : path.replaceAll(sep, '/'));
