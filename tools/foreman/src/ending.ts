import type {ProcessEnd} from './exit-reason.ts';
import {ForemanFault} from './fault.ts';
import {Interrupt} from './interrupts.ts';
import type {ProcessPlan, StartPlan} from './process-plan.ts';
import type {ProcessStatus} from './process-status.ts';

const BROKEN_PIPE_EXIT = 141;
/** A reader that has gone, and a terminal that has. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO']);

/** A process that has ended by itself and does not start again. */
export interface Ended {
  readonly process: ProcessPlan;
  readonly end: ProcessEnd;
  /** All of them, this one included. */
  readonly all: readonly ProcessStatus[];
}

/** What ends a run: the first reason counts. */
export interface Ending {
  /** Resolves with it in words. */
  readonly reason: Promise<string>;
  ended(plan: StartPlan, ended: Ended): void;
  outputFailed(code: string | undefined, because: string): void;
  fault(error: unknown): void;
  /** To be asked when there is a reason. Throws where the reason is a failure. */
  exitCode(): number;
}

export function createEnding(signal: AbortSignal | undefined): Ending {
  let outcome: (() => number) | undefined;
  let lost: ForemanFault | undefined;
  let tell: (because: string) => void;
  const reason = new Promise<string>((resolve) => (tell = resolve));
  const settle = (because: string, exitCode: () => number) => {
    outcome ??= exitCode;
    tell(because);
  };
  const fault = (error: unknown) =>
    settle(error instanceof Error ? error.message : String(error), () => {
      throw error;
    });
  const interrupted = () => {
    const by: unknown = signal?.reason;
    if (by instanceof Interrupt) settle(by.message, () => by.exitCode);
    else fault(by);
  };
  signal?.addEventListener('abort', interrupted, {once: true});
  if (signal?.aborted) interrupted();

  return {
    reason,
    fault,
    exitCode() {
      if (lost !== undefined) throw lost;
      return outcome!();
    },
    outputFailed(code, because) {
      if (code === 'EPIPE') return settle('nobody reads the output any more', () => BROKEN_PIPE_EXIT);
      const failure = new ForemanFault('FOREMAN_OUTPUT', `the output cannot be written: ${because}`);
      fault(failure);
      // Most of what a short run prints is written after its end: that it ended well does not make up for lines that are lost.
      if (!GONE.has(code)) lost ??= failure;
    },
    ended(plan, {process, end, all}) {
      const because = `${process.name} ${end.because}`;
      if (!mayDie(plan, process, end)) settle(because, () => end.exitCode);
      else if (
        all.every(({state}) => state === 'exited') &&
        !plan.processes.some(({watch}) => watch.length > 0)
      )
        settle('all processes have ended', () => all.find(({exitCode}) => exitCode !== 0)?.exitCode ?? 0);
    },
  };
}

/** One whose files are watched waits for the next change. */
function mayDie({stopOn}: StartPlan, {canDie, watch}: ProcessPlan, {exitCode}: ProcessEnd): boolean {
  if (canDie || watch.length > 0 || stopOn === 'none') return true;
  return stopOn === 'failure' && exitCode === 0;
}
