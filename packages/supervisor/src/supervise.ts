import type {Readable} from 'node:stream';
import type {StepOptions} from '@keelson/step';
import type {InstanceStatus, SupervisorStatus} from './status.ts';
import type {Readiness, Workload} from './workload.ts';

export type SupervisorEvent =
  | {
      readonly type: 'supervisor:started';
      readonly generation: string;
      readonly worker: string;
      readonly pid: number;
    }
  | {
      readonly type: 'supervisor:ready';
      readonly generation: string;
      readonly worker: string;
      readonly pid: number;
    }
  | {readonly type: 'supervisor:opened'; readonly generation: string}
  | {
      readonly type: 'supervisor:exited';
      readonly generation: string;
      readonly worker: string;
      readonly because: string;
    }
  | {
      readonly type: 'supervisor:delayed';
      readonly generation: string;
      readonly worker: string;
      readonly delayMs: number;
    }
  | {readonly type: 'supervisor:drained'; readonly generation: string};

interface Tagger {
  attach(source: {
    readonly tag: string;
    readonly stream: Readable;
    readonly kind?: 'out' | 'err';
  }): Promise<void>;
  note(tag: string, text: string): void;
}

export interface SuperviseOptions extends StepOptions<SupervisorEvent> {
  /** Directory for private sockets; made 0700 when missing. Keep it short: a socket path has at most 107 bytes. */
  readonly runtimeDir: string;
  /** Address that ports are bound on. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Where the workers' output goes. Default: unchanged to our own stdout and stderr. */
  readonly logs?: Tagger | undefined;
  /** What a draining worker gets to finish its requests. Default 30 000. */
  readonly graceMs?: number | undefined;
  /** What an idle keep-alive connection gets for one last request. Default keepAliveTimeout + 1 s, at most 10 s. */
  readonly idleMs?: number | undefined;
  /** How long a web worker may take until its health check passes, when the workload says nothing. Default 30 000. */
  readonly readyTimeoutMs?: number | undefined;
}

/** The processes of one workload, from start to drained. */
export interface Generation {
  readonly name: string;
  ready(options?: StepOptions): Promise<Readiness>;
  open(): Promise<void>;
  watch(ms: number, options?: StepOptions): Promise<Readiness>;
  drain(): Promise<void>;
  stop(): Promise<void>;
  status(): readonly InstanceStatus[];
}

export interface Supervisor extends AsyncDisposable {
  start(workload: Workload, options?: StepOptions): Promise<Generation>;
  status(): SupervisorStatus;
  stop(): Promise<void>;
  readonly finished: Promise<{readonly exitCode: number}>;
}

export async function supervise(_options: SuperviseOptions): Promise<Supervisor> {
  throw new Error('being written');
}
