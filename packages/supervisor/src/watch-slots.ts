import type {EventEmitter} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {failingCheck} from './failing-check.ts';
import type {Slot} from './slot.ts';
import type {Readiness} from './workload.ts';

/** The end of a worker that nobody asked for, or a replacement that was not ready. */
export type Crash = Omit<Extract<Readiness, {state: 'not-ready'}>, 'state' | 'kept'>;

interface Watch {
  readonly ms: number;
  readonly signal: AbortSignal | undefined;
}

/** Not-ready at the first crash, and at the first health check that fails twice in a row; ready when the time is over. */
export async function watchSlots(
  slots: readonly Slot[],
  crashes: EventEmitter<{crash: [Crash]}>,
  {ms, signal}: Watch,
): Promise<Readiness> {
  signal?.throwIfAborted();
  const over = new AbortController();
  const until = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  let onCrash!: (crash: Crash) => void;
  const crash = new Promise<Readiness>((resolve) => {
    onCrash = (it) => resolve({state: 'not-ready', ...it});
  });
  crashes.on('crash', onCrash);
  const time = sleep(ms, undefined, {signal: until}).then((): Readiness => ({state: 'ready'}));
  const checks = slots.map((slot) => failingCheck(slot, until));
  try {
    return await Promise.race([time, crash, ...checks]);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    over.abort();
    crashes.off('crash', onCrash);
    for (const each of [time, ...checks]) each.catch(() => {});
  }
}
