import {ForemanFault} from './fault.ts';
import type {ForemanEvent} from './foreman-event.ts';
import {ManagedProcess, type ProcessHost} from './managed-process.ts';
import type {StartPlan} from './process-plan.ts';
import type {ProcessStatus} from './process-status.ts';

/** Gets every chunk that a process prints, as it comes. */
export type OutputListener = (name: string, kind: 'out' | 'err', chunk: Buffer) => void;

/** The live handle: what a second terminal or a file watcher may do to the processes. A name is `web.1`, or `web` for all of a type. */
export interface Runner {
  readonly plan: StartPlan;
  ps(): ProcessStatus[];
  /** Resolves when they run again (or their start has failed). Default: all. Throws FOREMAN_UNKNOWN_PROCESS. */
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

export interface ProcessRunner extends Runner {
  /** Ends all processes, for good. Resolves when nobody of any group runs. */
  end(): Promise<void>;
  /** Resolves when everything that was printed is written. */
  drained(): Promise<void>;
}

/** The processes of a plan, none of them started yet. */
export function createRunner(plan: StartPlan, host: ProcessHost): ProcessRunner {
  const listeners = new Set<OutputListener>();
  let ending = false;
  const processes = plan.processes.map(
    (one) =>
      new ManagedProcess(one, {
        ...host,
        attach(process, running) {
          const {name} = process;
          running.stdout.on('data', (chunk: Buffer) => {
            for (const listener of listeners) listener(name, 'out', chunk);
          });
          running.stderr?.on('data', (chunk: Buffer) => {
            for (const listener of listeners) listener(name, 'err', chunk);
          });
          return host.attach(process, running);
        },
      }),
  );
  const named = (names: readonly string[] | undefined) => selected(processes, names);

  return {
    plan,
    ps: () => processes.map(({status}) => status),
    async restart(names, because = 'on demand') {
      const chosen = named(names);
      if (!ending) await Promise.all(chosen.map((one) => one.restart(because)));
    },
    async stop(names, because = 'on demand') {
      await Promise.all(
        named(names).map((one) => {
          host.tell({type: 'foreman:stopped', name: one.plan.name, because});
          return one.stop();
        }),
      );
    },
    async start(names) {
      const chosen = named(names);
      if (!ending) await Promise.all(chosen.map((one) => one.start()));
    },
    kill: (names, signal) => named(names).forEach((one) => one.kill(signal)),
    onOutput(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (event) => host.tell(event),
    async end() {
      ending = true;
      await Promise.all(processes.map((one) => one.stop()));
    },
    async drained() {
      await Promise.all(processes.map((one) => one.drained()));
    },
  };
}

function selected(
  processes: readonly ManagedProcess[],
  names: readonly string[] | undefined,
): ManagedProcess[] {
  if (names === undefined || names.length === 0) return [...processes];
  const unknown = names.find((name) => !processes.some((one) => isNamed(one, name)));
  if (unknown !== undefined)
    throw new ForemanFault('FOREMAN_UNKNOWN_PROCESS', `there is no process ${unknown}`, {
      hint: `There are: ${processes.map(({plan}) => plan.name).join(', ')}.`,
    });
  return processes.filter((one) => names.some((name) => isNamed(one, name)));
}

function isNamed({plan}: ManagedProcess, name: string): boolean {
  return plan.name === name || plan.type === name;
}
