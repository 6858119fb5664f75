export type GenerationState = 'starting' | 'ready' | 'open' | 'draining' | 'stopped';

export type WorkerState = 'starting' | 'ready' | 'open' | 'waiting' | 'crash-loop' | 'draining' | 'stopped';

export interface WorkerStatus {
  /** Undefined while the worker waits to be restarted. */
  readonly pid: number | undefined;
  readonly state: WorkerState;
  readonly restarts: number;
  /** Starts that failed in a row: it ended, or was not ready, before it had served for ten seconds. */
  readonly failures: number;
  /** How long ago its event loop last answered; only of Node workers that take traffic, while somebody asks for their health. */
  readonly heartbeatMs?: number | undefined;
  /** When it got into this state, ISO 8601. */
  readonly since: string;
  /** How long ago that is, in milliseconds that no change of the clock touches. */
  readonly forMs: number;
}

export interface InstanceStatus {
  readonly name: string;
  readonly type: string;
  readonly port: number;
  readonly workers: readonly WorkerStatus[];
}

export interface SupervisorStatus {
  readonly kind: 'supervisor-status';
  readonly generations: readonly {
    readonly name: string;
    readonly state: GenerationState;
    readonly instances: readonly InstanceStatus[];
  }[];
}
