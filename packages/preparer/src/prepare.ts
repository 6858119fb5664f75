import {existsSync, readdirSync} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {resolve} from 'node:path';
import type {Archive} from '@keelson/archive';
import {removeTree} from '@keelson/atomic-fs';
import {readManifest, type AppManifest} from '@keelson/manifest';
import {readProcfile, type Procfile} from '@keelson/procfile';
import type {StepOptions} from '@keelson/step';
import {rightsFor} from './account.ts';
import type {AppNode, NodeFor} from './app-node.ts';
import {prepareArchive} from './prepare-archive.ts';
import {preparePackage} from './prepare-package.ts';
import type {RawPackage} from './raw-package.ts';
import type {TrustedKey} from './require-signature.ts';

/** A folder that the app can be started in. */
export interface PreparedApp {
  readonly kind: 'prepared';
  /** Absolute. */
  readonly dir: string;
  /** Of the archive; of a package, of its own files. */
  readonly digest: string;
  readonly manifest: AppManifest;
  readonly procfile: Procfile;
  /** Packages whose install scripts ran here. */
  readonly rebuilt: readonly string[];
  /** Add-ons that loaded, relative to `dir`. */
  readonly proved: readonly string[];
  /** The Node that it was prepared for; undefined: this one. */
  readonly node?: AppNode | undefined;
  /** With a `store`: the key that the dependencies are kept under, and whether they were there before. */
  readonly dependencies?: {readonly key: string; readonly reused: boolean} | undefined;
}

export type PrepareEvent =
  | {readonly type: 'prepare:node-found'; readonly version: string}
  | {readonly type: 'prepare:signature-verified'; readonly keyId: string}
  | {readonly type: 'prepare:extracted'; readonly done: number; readonly total: number}
  | {readonly type: 'prepare:verified'; readonly digest: string}
  | {readonly type: 'prepare:install-printed'; readonly line: string}
  | {readonly type: 'prepare:installed'; readonly packageManager: string}
  | {readonly type: 'prepare:reused'; readonly key: string}
  | {readonly type: 'prepare:addon-proved'; readonly path: string}
  | {readonly type: 'prepare:addon-failed'; readonly path: string; readonly because: string}
  | {readonly type: 'prepare:rebuild-printed'; readonly line: string}
  | {readonly type: 'prepare:rebuilt'; readonly packages: readonly string[]};

export interface PrepareOptions extends StepOptions<PrepareEvent> {
  /** Run the app's code (install scripts, native add-ons) although this process is root. Default false. */
  readonly allowRoot?: boolean | undefined;
  /** Name or number of the user who runs it instead, when this process is root. Default: who owns the folder. */
  readonly user?: string | undefined;
  /** Only what this key signed is taken. Default: no signature is needed. */
  readonly trusted?: TrustedKey | undefined;
  /**
   * A folder on the same file system where dependencies are kept for the next release: equal ones are then linked, not installed or
   * written again. Whoever can write to it decides what runs; what is prepared must not be written to. Default: none.
   */
  readonly store?: string | undefined;
  /** Finds another Node for an app: add-ons are built for it and loaded by it. Default: none but this one. */
  readonly nodeFor?: NodeFor | undefined;
}

/**
 * Archive or package to runnable folder `dir` (missing or empty). Of an archive: checks its signature and that this machine can run it,
 * unpacks it comparing every byte with the archive's own list, and loads every native add-on, rebuilding what does not load. Of a
 * package: copies its files, installs what the lockfile says, runs its dependencies' install scripts, and loads every add-on.
 * When it fails `dir` is left as it was found. Faults: all of PrepareFault but PREPARE_NO_APP, and those of archive, package-manager, manifest and procfile.
 */
export async function prepare(
  app: Archive | RawPackage,
  dir: string,
  options: PrepareOptions = {},
): Promise<PreparedApp> {
  const {signal} = options;
  signal?.throwIfAborted();
  const into = resolve(dir);
  const wasThere = existsSync(into);
  // What is there is not ours; every step refuses it before it writes.
  const claimed = !wasThere || readdirSync(into).length === 0;
  const rights = await rightsFor(into, options);
  try {
    const made = await (app.kind === 'archive'
      ? prepareArchive(app, into, {...options, rights})
      : preparePackage(app, into, {...options, rights}));
    const manifest = await readManifest(into, {signal});
    const procfile = await readProcfile(into, {signal});
    return {kind: 'prepared', dir: into, manifest, procfile, ...made};
  } catch (error) {
    if (!claimed) throw error;
    await removeTree(into);
    if (wasThere) await mkdir(into);
    throw error;
  }
}
