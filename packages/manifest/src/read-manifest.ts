import type {StepOptions} from '@keelson/step';
import type {AppConfig} from './app-config.ts';

export interface AppManifest {
  readonly kind: 'app-manifest';
  readonly name: string;
  /** `0.0.0` when package.json has none. */
  readonly version: string;
  /** engines.node */
  readonly node: string | undefined;
  /** The `packageManager` field, e.g. `pnpm@10.1.0`. */
  readonly packageManager: string | undefined;
  readonly scripts: Readonly<Record<string, string>>;
  readonly app: AppConfig;
}

/** Reads `<dir>/package.json`. Faults: all of ManifestFault; the message names file, field and the nearest known key. */
export async function readManifest(dir: string, options: StepOptions = {}): Promise<AppManifest> {
  options.signal?.throwIfAborted();
  throw new TypeError(`not yet: ${dir}`);
}
