import type {ReadyConfig, RestartPolicy} from '@keelson/manifest';

/** Everything that decides how one numbered process is run. Plain data. */
export interface ProcessPlan {
  /** `web.1` */
  readonly name: string;
  /** `web` */
  readonly type: string;
  /** Counted from 1. */
  readonly index: number;
  /** A line for `/bin/sh -c`. */
  readonly command: string;
  /** Undefined with `--no-port`. */
  readonly port: number | undefined;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
  /** It may end while the others run on. */
  readonly canDie: boolean;
  readonly restart: RestartPolicy;
  /** Types, of those in the plan, that have to be ready before it starts. */
  readonly dependsOn: readonly string[];
  /** Undefined: ready as soon as it runs. */
  readonly ready: ReadyConfig | undefined;
  /** Globs below `cwd`; none: no watching. */
  readonly watch: readonly string[];
}

export interface StartPlan {
  readonly kind: 'start-plan';
  /** Where the Procfile lies, and the processes run. */
  readonly root: string;
  /** In the order of the Procfile. */
  readonly processes: readonly ProcessPlan[];
  /** Whose end stops everything: anybody's, that of one that failed, nobody's. */
  readonly stopOn: StopOn;
  /** Restarts in a row, after which a process counts as ended. */
  readonly restartLimit: number;
}

export type StopOn = 'any' | 'failure' | 'none';
