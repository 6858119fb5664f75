import type {ProcessPlan} from './process-plan.ts';
import type {RunningProcess} from './running-process.ts';

/** `because` as in "is not ready: `because`". */
export type Readiness = {readonly ready: true} | {readonly ready: false; readonly because: string};

/**
 * Waits until a process is ready, as `plan.ready` says. Resolves not-ready after its time limit; rejects only with `signal.reason`,
 * when the process has ended or nobody waits any more.
 */
export type AwaitReady = (
  plan: ProcessPlan,
  running: RunningProcess,
  signal: AbortSignal,
) => Promise<Readiness>;
