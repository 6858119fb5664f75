import type {Archive, WriteEvent} from '@keelson/archive';
import type {PackageManagerLine} from '@keelson/package-manager';
import type {Checkout} from '@keelson/source';
import type {StepOptions} from '@keelson/step';

export type BuildEvent =
  | {readonly type: 'build:opened'; readonly name: string; readonly version: string}
  | {readonly type: 'build:installed'; readonly packageManager: string}
  | {readonly type: 'build:script-ran'; readonly name: string}
  | {readonly type: 'build:pruned'}
  | {readonly type: 'build:packed'; readonly path: string; readonly bytes: number; readonly entries: number}
  | PackageManagerLine
  | WriteEvent;

export interface BuildOptions extends StepOptions<BuildEvent> {
  /** The archive's file. Default `<name>-<version>.tgz` in the current folder. */
  readonly out?: string | undefined;
  /** package.json scripts instead of the configured ones. */
  readonly scripts?: readonly string[] | undefined;
}

export async function buildArchive(checkout: Checkout, options: BuildOptions = {}): Promise<Archive> {
  options.signal?.throwIfAborted();
  throw new TypeError(checkout.dir);
}
