import type {PluginStatus} from './plugin.ts';
import type {ServiceStatus} from './run-service.ts';
import type {Readiness} from './workload.ts';

/** How long a question may be, and how long its sender may take for it. */
export const MOST_QUESTION_BYTES = 64 * 1024;
export const QUESTION_MS = 5000;

/** What can be asked: one JSON object in one line. */
export type Question =
  | {readonly verb: 'status'}
  | {readonly verb: 'roll'; readonly wait?: boolean | undefined}
  | {readonly verb: 'restart'; readonly target?: string | undefined; readonly wait?: boolean | undefined}
  | {
      readonly verb: 'resize';
      readonly workers: number;
      readonly target?: string | undefined;
      readonly wait?: boolean | undefined;
    }
  | {readonly verb: 'stop'; readonly wait?: boolean | undefined}
  | {
      readonly verb: 'drain';
      readonly noticeMs?: number | undefined;
      /** What new requests of HTTP get meanwhile. Default: what the app answers. */
      readonly reply?: 503 | undefined;
      readonly wait?: boolean | undefined;
    }
  | {readonly verb: 'logs'; readonly target?: string | undefined}
  | {readonly verb: 'log-level'; readonly level: string; readonly target?: string | undefined}
  | {readonly verb: 'heap-snapshot'; readonly folder: string; readonly target?: string | undefined}
  | {
      readonly verb: 'cpu-profile';
      readonly folder: string;
      readonly ms: number;
      readonly target?: string | undefined;
    }
  | {readonly verb: 'plugins'}
  | {readonly verb: 'signal'; readonly signal: string; readonly target?: string | undefined};

export type Verb = Question['verb'];

/** What became of a change. `begun`: nobody waits for its end. `refused`: whatever had to be replaced was kept. */
export type Change =
  | {readonly kind: 'change'; readonly verb: Verb; readonly state: 'begun' | 'done'}
  | ({readonly kind: 'change'; readonly verb: Verb; readonly state: 'refused'} & Omit<
      Extract<Readiness, {state: 'not-ready'}>,
      'state'
    >);

export interface Signalled {
  readonly kind: 'signalled';
  readonly signal: string;
  /** Leaders of the process groups that got it. */
  readonly pids: readonly number[];
}

/** What each worker printed last, oldest line first. */
export interface Logs {
  readonly kind: 'logs';
  readonly workers: readonly WorkerLines[];
}

export interface WorkerLines {
  readonly worker: string;
  readonly pid: number | undefined;
  readonly lines: readonly string[];
}

/** What was written about each worker, and why not. */
export interface Inspection {
  readonly kind: 'inspection';
  readonly verb: 'heap-snapshot' | 'cpu-profile';
  readonly files: readonly {readonly worker: string; readonly path: string}[];
  readonly failed: readonly {readonly worker: string; readonly because: string}[];
}

/** A message that went to the apps of so many workers. */
export interface Told {
  readonly kind: 'told';
  readonly workers: number;
}

export interface Plugins {
  readonly kind: 'plugins';
  readonly plugins: readonly PluginStatus[];
}

export interface Answers {
  readonly status: ServiceStatus;
  readonly roll: Change;
  readonly restart: Change;
  readonly resize: Change;
  readonly stop: Change;
  readonly drain: Change;
  readonly signal: Signalled;
  readonly logs: Logs;
  readonly 'log-level': Told;
  readonly 'heap-snapshot': Inspection;
  readonly 'cpu-profile': Inspection;
  readonly plugins: Plugins;
}

/** The line that answers. */
export type AnswerLine =
  | {readonly value: Answers[Verb]}
  | {
      readonly fault: {
        readonly code: string;
        readonly message: string;
        readonly hint?: string | undefined;
        readonly temporary?: boolean | undefined;
      };
    };
