import {setImmediate} from 'node:timers/promises';

const TURN_MS = 20;

/** Throws the reason when the step was aborted. */
export type Breath = () => Promise<void> | undefined;

/**
 * Reading files synchronously is ten times as fast as opening each one asynchronously, but holds up everything else:
 * called between two files, this lets timers, sockets and signals have their turn now and then.
 * Throws the reason when the step was aborted.
 */
export function createBreath(signal: AbortSignal | undefined): Breath {
  let turn = performance.now();
  return () => {
    if (performance.now() - turn < TURN_MS) return undefined;
    return setImmediate().then(() => {
      turn = performance.now();
      signal?.throwIfAborted();
    });
  };
}
