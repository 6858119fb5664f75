/**
 * waiting: for those it depends on. starting: runs, but is not ready yet. running: and ready. stopping: was asked to end.
 * backoff: failed, and starts again soon. exited: by itself. stopped: because somebody said so.
 */
export type ProcessState = 'waiting' | 'starting' | 'running' | 'stopping' | 'backoff' | 'exited' | 'stopped';

/** What `ps` shows of one process. */
export interface ProcessStatus {
  readonly name: string;
  readonly type: string;
  readonly state: ProcessState;
  readonly pid: number | undefined;
  readonly port: number | undefined;
  /** How often it was started again, for whatever reason. */
  readonly restarts: number;
  /** Milliseconds since the epoch; undefined before the first start. */
  readonly startedAt: number | undefined;
  /** Exit code of its last end, 128 + n after a signal. */
  readonly exitCode: number | undefined;
}
