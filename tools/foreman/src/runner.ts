import type {ForemanEvent} from './foreman-event.ts';
import type {ProcessStatus} from './process-status.ts';
import type {StartPlan} from './process-plan.ts';

/** Gets every chunk that a process prints, as it comes. */
export type OutputListener = (name: string, kind: 'out' | 'err', chunk: Buffer) => void;

/** The live handle: what a second terminal or a file watcher may do to the processes. A name is `web.1`, or `web` for all of a type. */
export interface Runner {
  readonly plan: StartPlan;
  ps(): ProcessStatus[];
  /** Resolves when they run again (or their start has failed). Default: all. Throws FOREMAN_OPTIONS for a name there is none of. */
  restart(names?: readonly string[], because?: string): Promise<void>;
  /** They end, and nobody takes it as a reason to end, too. Resolves when they are gone. */
  stop(names?: readonly string[], because?: string): Promise<void>;
  start(names?: readonly string[]): Promise<void>;
  /** Signals the groups of processes. */
  kill(names: readonly string[], signal: NodeJS.Signals): void;
  /** From now on, until the returned function is called. */
  onOutput(listener: OutputListener): () => void;
  tell(event: ForemanEvent): void;
}

/** Something that lives beside the processes: a watcher, a control socket, a proxy. Begun before the first process starts, disposed after the last has ended. */
export type Attachment = (runner: Runner) => Promise<AsyncDisposable>;
