import type {LaunchSpec} from '@keelson/spawn';
import type {ForkSpec} from './fork-worker.ts';

export interface WorkerPlan {
  /** `web.1`, or `web.1/2` for the second of several. */
  readonly tag: string;
  /** Of the workers of its instance, from 1. */
  readonly number: number;
  readonly port: number;
  /** What to start, and the private socket that it will listen on. */
  launch(): {readonly spec: LaunchSpec | ForkSpec; readonly socket: string | undefined};
  readonly stopSignal: NodeJS.Signals;
  /** Instead of that of the budget. */
  readonly graceMs: number | undefined;
  /** Undefined for a process that takes no traffic. */
  readonly health: {readonly path: string | undefined; readonly timeoutMs: number} | undefined;
}

export interface WorkerBudget {
  readonly graceMs: number;
  readonly idleMs: number | undefined;
  /** What WebSockets are closed with. */
  readonly closeCode: 1001 | 1012;
}
