import type {WriteEvent} from '@keelson/archive';
import type {PackageManagerLine} from '@keelson/package-manager';
import type {PackageSize} from './largest-packages.ts';
import type {Phase} from './phases.ts';

export type BuildEvent =
  | {
      readonly type: 'build:opened';
      readonly name: string;
      readonly version: string;
      readonly packageManager: string;
    }
  /** `cached`: from an earlier build with the same lockfile. */
  | {readonly type: 'build:installed'; readonly cached: boolean}
  /** How many packages were verified, of so many installed; none when no registry here publishes keys. */
  | {readonly type: 'build:signatures'; readonly packages: number; readonly installed: number}
  /** So many packages of registries have been out for that long. */
  | {readonly type: 'build:release-age'; readonly days: number; readonly packages: number}
  /** These packages have install scripts that did not run. */
  | {readonly type: 'build:scripts-held-back'; readonly packages: readonly string[]}
  | {readonly type: 'build:rebuilt'; readonly packages: readonly string[]}
  /** `workspace`: the folder of another one, which this one needs. */
  | {readonly type: 'build:script-ran'; readonly name: string; readonly workspace?: string | undefined}
  | {readonly type: 'build:pruned'}
  /** `workspace`: its folder; `packages`: how many it brings along. */
  | {readonly type: 'build:assembled'; readonly workspace: string; readonly packages: number}
  /** `packages` are built on the target; of `kept` nobody knows what comes out, so they stay as they are. */
  | {
      readonly type: 'build:stripped';
      readonly packages: readonly string[];
      readonly kept: readonly string[];
    }
  /** The end: `bytes` of the file, `contents` of what is in it, the largest packages of that. */
  | {
      readonly type: 'build:packed';
      readonly path: string;
      readonly bytes: number;
      readonly contents: {readonly entries: number; readonly bytes: number};
      readonly phases: readonly Phase[];
      readonly packages: readonly PackageSize[];
    }
  | PackageManagerLine
  | WriteEvent;
