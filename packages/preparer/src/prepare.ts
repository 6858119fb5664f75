import {existsSync} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {resolve} from 'node:path';
import {extractArchive, readEntries, verifyTree, type Archive} from '@keelson/archive';
import {removeTree} from '@keelson/atomic-fs';
import {readManifest, type AppManifest} from '@keelson/manifest';
import {readProcfile, type Procfile} from '@keelson/procfile';
import type {StepOptions} from '@keelson/step';
import {PrepareFault} from './fault.ts';
import {proveAddons} from './prove-addons.ts';
import {requireMachine} from './require-machine.ts';

/** A folder that the app can be started in. */
export interface PreparedApp {
  readonly kind: 'prepared';
  /** Absolute. */
  readonly dir: string;
  readonly digest: string;
  readonly manifest: AppManifest;
  readonly procfile: Procfile;
  /** Packages whose add-ons were built anew. */
  readonly rebuilt: readonly string[];
  /** Add-ons that loaded, relative to `dir`. */
  readonly proved: readonly string[];
}

export type PrepareEvent =
  | {readonly type: 'prepare:extracted'; readonly done: number; readonly total: number}
  | {readonly type: 'prepare:verified'; readonly digest: string}
  | {readonly type: 'prepare:addon-proved'; readonly path: string}
  | {readonly type: 'prepare:addon-failed'; readonly path: string; readonly because: string}
  | {readonly type: 'prepare:rebuild-printed'; readonly line: string}
  | {readonly type: 'prepare:rebuilt'; readonly packages: readonly string[]};

export interface PrepareOptions extends StepOptions<PrepareEvent> {
  /** Load and build the archive's native code although this process is root. Default false. */
  readonly allowRoot?: boolean | undefined;
}

const MOST_NAMED = 3;

/**
 * Archive to runnable folder: checks that this machine can run it, unpacks it into `dir` (missing or empty), compares every
 * file with the archive's own list, and loads every native add-on, rebuilding what does not load. When it fails `dir` is
 * left as it was found. Faults: all of PrepareFault, and those of archive, manifest and procfile.
 */
export async function prepare(
  archive: Archive,
  dir: string,
  options: PrepareOptions = {},
): Promise<PreparedApp> {
  const {signal, onEvent} = options;
  signal?.throwIfAborted();
  const into = resolve(dir);
  const missing = await stripped(archive, options);
  await requireMachine({...archive.manifest, addons: without(archive.manifest.addons, missing)});
  const wasThere = existsSync(into);
  await extractArchive(archive, into, {
    signal,
    onEvent: ({done, total}) => onEvent?.({type: 'prepare:extracted', done, total}),
  });
  try {
    await requireSameTree(archive, into, options);
    const proof = await proveAddons(into, archive.manifest.addons, {...options, missing});
    const manifest = await readManifest(into, {signal});
    const procfile = await readProcfile(into, {signal});
    return {kind: 'prepared', dir: into, digest: archive.digest, manifest, procfile, ...proof};
  } catch (error) {
    await removeTree(into);
    if (wasThere) await mkdir(into);
    throw error;
  }
}

/** Add-ons that the archive needs and does not bring along: they have to be built here. */
async function stripped(archive: Archive, {signal}: PrepareOptions): Promise<string[]> {
  const {addons} = archive.manifest;
  if (addons.length === 0) return [];
  const there = new Set((await readEntries(archive, {signal})).map(({path}) => path));
  return addons.filter((path) => !there.has(path));
}

function without(paths: readonly string[], others: readonly string[]): string[] {
  return paths.filter((path) => !others.includes(path));
}

async function requireSameTree(
  archive: Archive,
  dir: string,
  {signal, onEvent}: PrepareOptions,
): Promise<void> {
  const {digest, problems} = await verifyTree(dir, {signal});
  if (problems.length > 0) {
    const named = problems.slice(0, MOST_NAMED).map(({path, because}) => `${path}: ${because}`);
    const more = problems.length > MOST_NAMED ? `; and ${problems.length - MOST_NAMED} more` : '';
    throw new PrepareFault(
      'PREPARE_TREE_DIFFERS',
      `${archive.path} is not what it says: ${named.join('; ')}${more}`,
      {
        hint: 'Build and publish the archive again.',
      },
    );
  }
  if (digest !== archive.digest)
    throw new PrepareFault(
      'PREPARE_TREE_DIFFERS',
      `${archive.path} has digest ${digest}, not ${archive.digest}`,
      {
        hint: 'It changed since it was opened: open it again.',
      },
    );
  onEvent?.({type: 'prepare:verified', digest});
}
