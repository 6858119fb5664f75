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
  | {readonly verb: 'drain'; readonly noticeMs?: number | undefined; readonly wait?: boolean | undefined}
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

export interface Answers {
  readonly status: ServiceStatus;
  readonly roll: Change;
  readonly restart: Change;
  readonly resize: Change;
  readonly stop: Change;
  readonly drain: Change;
  readonly signal: Signalled;
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
