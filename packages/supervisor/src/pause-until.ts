import {setTimeout as sleep} from 'node:timers/promises';

/** Resolves after `ms`, or sooner when `ended` does. Rejects with the reason of the signal. */
export async function pauseUntil(
  ended: Promise<unknown>,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const timer = new AbortController();
  const aborted = signal ? AbortSignal.any([signal, timer.signal]) : timer.signal;
  await Promise.race([ended, sleep(ms, undefined, {signal: aborted}).catch(() => {})]);
  timer.abort();
  signal?.throwIfAborted();
}
