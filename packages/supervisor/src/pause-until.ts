import type {EventEmitter} from 'node:events';

/** Resolves after `ms`, or sooner when the emitter says `exited`. Rejects with the reason of the signal. */
export function pauseUntil(
  emitter: EventEmitter,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      emitter.off('exited', end);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted) reject(signal.reason as Error);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    emitter.once('exited', end);
    signal?.addEventListener('abort', end, {once: true});
    if (signal?.aborted) end();
  });
}
