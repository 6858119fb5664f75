/** Does something `ms` after the signal aborts, unless disposed before. */
export function afterAbort(signal: AbortSignal | undefined, ms: number, action: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    timer = setTimeout(action, ms);
  };
  if (signal?.aborted) start();
  else signal?.addEventListener('abort', start, {once: true});
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', start);
    },
  };
}

/** The work, or `signal.reason` when it is not done `ms` after the signal has aborted. */
export async function doneAfterAbort<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  ms: number,
): Promise<T> {
  let giveUp: (reason: unknown) => void = () => {};
  const late = new Promise<never>((_, reject) => (giveUp = reject));
  using _timer = afterAbort(signal, ms, () => giveUp(signal!.reason));
  return await Promise.race([work, late]);
}
