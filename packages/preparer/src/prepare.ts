import type {Archive} from '@keelson/archive';
import type {AppManifest} from '@keelson/manifest';
import type {Procfile} from '@keelson/procfile';
import type {StepOptions} from '@keelson/step';

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

/** Archive to runnable folder: verifies, unpacks into `dir` (missing or empty), rebuilds where needed and proves every add-on. */
export async function prepare(
  archive: Archive,
  dir: string,
  options: PrepareOptions = {},
): Promise<PreparedApp> {
  options.signal?.throwIfAborted();
  throw new TypeError(`not yet: ${archive.path} ${dir}`);
}
