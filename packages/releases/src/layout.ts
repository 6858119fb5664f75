import {readdir, readlink} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {makeDirectory} from '@keelson/atomic-fs';
import {ReleaseFault} from './fault.ts';

/** Where everything of one app's deploy root lies, as absolute paths. */
export interface Layout {
  readonly root: string;
  readonly settings: string;
  readonly config: string;
  readonly releases: string;
  readonly current: string;
  readonly persistent: string;
  readonly runtime: string;
  /** Ours and the receiver's: journal, lock, facts of releases, repository, log. */
  readonly state: string;
  readonly facts: string;
  readonly journal: string;
  readonly inProgress: string;
  readonly lastGood: string;
  readonly lastNumber: string;
  readonly ports: string;
  readonly migrations: string;
  readonly merged: string;
  /** Number of the config revision that the next deploy binds. */
  readonly configNumber: string;
  /** Dependencies that several releases share. */
  readonly store: string;
}

// lost+found belongs to a file system that is mounted as the deploy root.
const KNOWN =
  /^(keelson\.json|config|releases|current|persistent|runtime|\.keelson|\.keelson-tmp-.*|lost\+found)$/;
const MOST_NAMED = 5;

export function layoutOf(root: string): Layout {
  const at = (...path: string[]) => join(resolve(root), ...path);
  return {
    root: resolve(root),
    settings: at('keelson.json'),
    config: at('config'),
    releases: at('releases'),
    current: at('current'),
    persistent: at('persistent'),
    runtime: at('runtime'),
    state: at('.keelson'),
    facts: at('.keelson', 'releases'),
    journal: at('.keelson', 'journal.jsonl'),
    inProgress: at('.keelson', 'in-progress'),
    lastGood: at('.keelson', 'last-good'),
    lastNumber: at('.keelson', 'last-number'),
    ports: at('.keelson', 'ports.json'),
    migrations: at('.keelson', 'migrations.jsonl'),
    merged: at('.keelson', 'merged.json'),
    configNumber: at('.keelson', 'config-number'),
    store: at('.keelson', 'store'),
  };
}

/** A folder that holds anything else is somebody's: RELEASE_FOREIGN_FILES, before a thing is written. */
export async function refuseForeignFiles({root}: Layout): Promise<void> {
  const names = await namesIn(root);
  const foreign = names.filter((name) => !KNOWN.test(name)).toSorted();
  if (foreign.length === 0) return;
  const named = foreign.slice(0, MOST_NAMED).join(', ');
  const more = foreign.length > MOST_NAMED ? ` and ${foreign.length - MOST_NAMED} more` : '';
  throw new ReleaseFault(
    'RELEASE_FOREIGN_FILES',
    `${root} holds what is not of a deploy root: ${named}${more}`,
    {
      hint: 'Choose an empty folder, or move these files elsewhere.',
    },
  );
}

export async function makeFolders(layout: Layout): Promise<void> {
  await makeDirectory(layout.root);
  await makeDirectory(layout.facts, {mode: 0o700});
  await makeDirectory(layout.config, {mode: 0o700});
  await makeRuntime(layout.root);
  await makeDirectory(layout.releases);
  await makeDirectory(layout.persistent);
}

/** The folder of sockets. What a link leads to is made again: below /run nothing outlives a restart of the machine. */
export async function makeRuntime(root: string): Promise<void> {
  const runtime = join(root, 'runtime');
  const target = await readlink(runtime).catch(() => undefined);
  await makeDirectory(target === undefined ? runtime : resolve(root, target), {mode: 0o700});
}

/** Names in a folder; none when it does not exist. */
export async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The numbers of names such as `12.json`, ascending. Names with leading zeros or other parts are none of ours. */
export function numbersOf(names: readonly string[], suffix: string): number[] {
  return names
    .filter(
      (name) => name.endsWith(suffix) && /^[1-9]\d{0,14}$/.test(name.slice(0, name.length - suffix.length)),
    )
    .map((name) => Number(name.slice(0, name.length - suffix.length)))
    .toSorted((a, b) => a - b);
}
