import type {WriteEvent} from '@keelson/archive';
import type {PackageManagerLine} from '@keelson/package-manager';

export type BuildEvent =
  | {
      readonly type: 'build:opened';
      readonly name: string;
      readonly version: string;
      readonly packageManager: string;
    }
  /** `cached`: from an earlier build with the same lockfile. */
  | {readonly type: 'build:installed'; readonly cached: boolean}
  /** These packages have install scripts that did not run. */
  | {readonly type: 'build:scripts-held-back'; readonly packages: readonly string[]}
  | {readonly type: 'build:rebuilt'; readonly packages: readonly string[]}
  | {readonly type: 'build:script-ran'; readonly name: string}
  | {readonly type: 'build:pruned'}
  | {readonly type: 'build:packed'; readonly path: string; readonly bytes: number; readonly entries: number}
  | PackageManagerLine
  | WriteEvent;
