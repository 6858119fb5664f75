/** First come, first served, one at a time for each key. */
export interface Turns {
  /** Resolves when it is this caller's turn, with what ends it. Rejects with `signal.reason`. */
  take(
    key: string,
    options: {readonly signal: AbortSignal; readonly onWait: () => void},
  ): Promise<() => void>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    async take(key, {signal, onWait}) {
      signal.throwIfAborted();
      const before = last.get(key);
      let release = () => {};
      const turn = new Promise<void>((resolve) => (release = resolve));
      const all = Promise.all([before, turn]).then(() => {});
      last.set(key, all);
      void all.then(() => last.get(key) === all && last.delete(key));
      if (before !== undefined) onWait();
      try {
        await raceAbort(before, signal);
      } catch (error) {
        release();
        throw error;
      }
      return release;
    },
  };
}

async function raceAbort(promise: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, {once: true});
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
