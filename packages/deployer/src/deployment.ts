import type {NodeFor, PrepareEvent} from '@keelson/preparer';
import type {Release} from '@keelson/releases';
import type {Runtime} from './runtime.ts';

/** Where to deploy to. */
export interface DeployTarget<G> {
  /** The app's deploy root. */
  readonly root: string;
  readonly runtime: Runtime<G>;
  /** Where the app's ports are reached from here, for checks. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** First port of the app. Kept from its first deploy on; default 5000. */
  readonly basePort?: number | undefined;
  /** Finds the Node that an app asks for, and keeps it where `nodeFolder` says. Default: none but this one. */
  readonly nodeFor?: NodeFor | undefined;
  /** Program and first arguments of `@keelson …` in actions. Default `keelson`, found on the app's PATH. */
  readonly keelson?: readonly string[] | undefined;
  /** Where the app's PATH, HOME, LANG, TZ and TMPDIR come from; nothing else is taken. Default: what `node:os` says. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface Deployment {
  readonly kind: 'deployment';
  /** `refused`: the version before serves on. */
  readonly result: 'deployed' | 'refused' | 'rolled-back';
  readonly release: Release;
  /** Number of the release that was current before. */
  readonly replaced?: number | undefined;
  /** Why it was refused. */
  readonly because?: string | undefined;
  /** The last lines that the failing instance or migration printed. */
  readonly output?: readonly string[] | undefined;
  readonly formation: readonly {
    readonly name: string;
    readonly workers: number;
    readonly memoryBytes: number;
    readonly port: number;
  }[];
}

export type DeployEvent =
  | PrepareEvent
  | {readonly type: 'deploy:locked'; readonly root: string}
  | {readonly type: 'deploy:staged'; readonly release: number}
  | {readonly type: 'deploy:prepared'; readonly release: number; readonly proved: number}
  | {readonly type: 'deploy:configured'; readonly config: number}
  | {readonly type: 'deploy:linked'; readonly paths: readonly string[]}
  | {readonly type: 'deploy:rendered'; readonly paths: readonly string[]}
  | {readonly type: 'deploy:migration-printed'; readonly line: string}
  | {readonly type: 'deploy:migrated'; readonly command: string}
  | {readonly type: 'deploy:action-printed'; readonly action: string; readonly line: string}
  | {readonly type: 'deploy:action-ran'; readonly action: string; readonly command: string}
  | {readonly type: 'deploy:assets-carried'; readonly files: number}
  | {readonly type: 'deploy:check-passed'; readonly check: string}
  | {readonly type: 'deploy:committed'; readonly release: number}
  | {
      readonly type: 'deploy:started';
      readonly release: number;
      readonly instances: readonly string[];
      /** The release that serves meanwhile. */
      readonly beside?: number | undefined;
    }
  | {readonly type: 'deploy:ready'; readonly release: number}
  | {readonly type: 'deploy:switched'; readonly release: number; readonly replaced: number | undefined}
  | {readonly type: 'deploy:opened'; readonly release: number}
  | {readonly type: 'deploy:baked'; readonly release: number; readonly bakeMs: number}
  | {readonly type: 'deploy:drained'; readonly release: number | undefined}
  | {readonly type: 'deploy:pruned'; readonly releases: readonly number[]}
  | {readonly type: 'deploy:recorded'; readonly release: number}
  | {readonly type: 'deploy:refused'; readonly release: number; readonly because: string}
  | {readonly type: 'deploy:undone'; readonly what: string}
  | {readonly type: 'deploy:undo-failed'; readonly what: string; readonly because: string}
  /** The new version serves, but something after that did not work: the drain of the old one, the clean-up, the journal. */
  | {readonly type: 'deploy:tidying-failed'; readonly what: string; readonly because: string};
