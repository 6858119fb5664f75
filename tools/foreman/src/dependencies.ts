import type {ProcessPlan} from './process-plan.ts';

/** Who is ready, and who waits for it. */
export interface Dependencies {
  /** Resolves when every instance of every type, of those in the plan, has been ready once. */
  readonly whenReady: (types: readonly string[]) => Promise<void>;
  readonly ready: (process: ProcessPlan) => void;
  /** Those that wait for the process; nobody, once it has been ready. */
  waitingFor(process: ProcessPlan): string[];
}

export function dependenciesOf(processes: readonly ProcessPlan[]): Dependencies {
  const unready = new Set(processes.map(({name}) => name));
  const waiting = new Set<() => void>();
  return {
    whenReady: (types) =>
      new Promise((resolve) => {
        const needed = processes.filter(({type}) => types.includes(type));
        const check = () => {
          if (needed.some(({name}) => unready.has(name))) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    ready({name}) {
      unready.delete(name);
      for (const check of waiting) check();
    },
    waitingFor: ({name, type}) =>
      unready.has(name) ? processes.filter((one) => one.dependsOn.includes(type)).map((one) => one.name) : [],
  };
}
