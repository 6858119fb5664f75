import type {Readable} from 'node:stream';
import {ForemanFault} from './fault.ts';
import type {ReadyPlan} from './ready-plan.ts';
import {becameReady, describeCondition} from './ready-probe.ts';

/** A process that has just been started. */
export interface StartedProcess {
  readonly name: string;
  readonly type: string;
  readonly port: number | undefined;
  readonly outputs: readonly Readable[];
  /** Resolves, whatever with, when it has ended. */
  readonly exited: Promise<unknown>;
}

export interface ReadyGateOptions {
  /** Every instance that is started, by name and type. */
  readonly instances: readonly {readonly name: string; readonly type: string}[];
  /** Ends what is still waited for. */
  readonly signal?: AbortSignal | undefined;
  /** A process with a condition has become ready. */
  readonly onReady?: ((name: string, afterMs: number) => void) | undefined;
  /** It did not in time. `needed`: somebody waits for it, and will never start. */
  readonly onNeverReady?: ((fault: ForemanFault, needed: boolean) => void) | undefined;
}

/** Holds types back until what they depend on is ready. */
export interface ReadyGate {
  /** What is not ready yet of those that the type depends on. */
  waitsFor(type: string): string[];
  /** Resolves when every instance of every type it depends on has been ready once; never, if one never is. */
  opened(type: string): Promise<void>;
  /** To be called at each start of a process, in the same tick. */
  started(process: StartedProcess): void;
  /** Whether a process is ready now; false before its condition has come true since its last start. */
  isReady(name: string): boolean;
}

export function createReadyGate(plan: ReadyPlan, options: ReadyGateOptions): ReadyGate {
  const {instances, signal, onReady, onNeverReady} = options;
  const readyNow = new Set<string>();
  const everReady = new Set<string>();
  const waiting = new Set<() => void>();
  const needed = (type: string) => [...plan.dependsOn.values()].some((names) => names.includes(type));
  const waitsFor = (type: string) =>
    (plan.dependsOn.get(type) ?? []).filter((dependency) =>
      instances.some((one) => one.type === dependency && !everReady.has(one.name)),
    );
  const markReady = (name: string) => {
    readyNow.add(name);
    everReady.add(name);
    for (const check of waiting) check();
  };

  const probe = async ({name, type, port, outputs, exited}: StartedProcess): Promise<void> => {
    const condition = plan.conditions.get(type);
    if (condition === undefined) return markReady(name);
    const since = performance.now();
    const ended = new AbortController();
    const tooLate = AbortSignal.timeout(condition.timeoutMs);
    const signals = [ended.signal, tooLate, ...(signal === undefined ? [] : [signal])];
    const probing = becameReady(condition, {port, outputs}, AbortSignal.any(signals));
    void exited.then(() => ended.abort());
    try {
      await probing;
      markReady(name);
      onReady?.(name, performance.now() - since);
    } catch {
      // That it has ended, or that everything is being stopped, is told by others.
      if (ended.signal.aborted || signal?.aborted) return;
      const what = describeCondition(condition, port);
      const message = `${name} did not ${what} within ${condition.timeoutMs / 1000} s`;
      const hint =
        'See what it printed; a longer time is --ready-timeout, or timeoutMs of `ready` in package.json.';
      onNeverReady?.(new ForemanFault('FOREMAN_NOT_READY', message, {hint}), needed(type));
    }
  };

  return {
    waitsFor,
    opened: (type) =>
      new Promise((resolve) => {
        const check = () => {
          if (waitsFor(type).length > 0) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    started(process) {
      readyNow.delete(process.name);
      void process.exited.then(() => readyNow.delete(process.name));
      void probe(process);
    },
    isReady: (name) => readyNow.has(name),
  };
}
