/** One at a time for each key; of those who wait only the newest. */
export interface Turns {
  /**
   * Resolves when it is this caller's turn, with what ends it. Rejects with `signal.reason`, or with a `Superseded` when somebody
   * newer comes to wait.
   */
  take(
    key: string,
    options: {readonly signal: AbortSignal; readonly onWait: () => void},
  ): Promise<() => void>;
}

/** What was to be deployed here is old before its turn came. */
export class Superseded extends Error {}

interface Waiting {
  go(): void;
  giveWay(): void;
}

export function createTurns(): Turns {
  const queues = new Map<string, {waiting?: Waiting | undefined}>();
  const releaseOf = (key: string, queue: {waiting?: Waiting | undefined}) => {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const next = queue.waiting;
      queue.waiting = undefined;
      if (next === undefined) queues.delete(key);
      else next.go();
    };
  };
  return {
    async take(key, {signal, onWait}) {
      signal.throwIfAborted();
      const queue = queues.get(key);
      if (queue === undefined) {
        const own = {};
        queues.set(key, own);
        return releaseOf(key, own);
      }
      queue.waiting?.giveWay();
      onWait();
      await turnIn(queue, signal);
      return releaseOf(key, queue);
    },
  };
}

function turnIn(queue: {waiting?: Waiting | undefined}, signal: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const leave = (reason: unknown) => {
      signal.removeEventListener('abort', abort);
      if (queue.waiting === own) queue.waiting = undefined;
      reject(reason as Error);
    };
    const abort = () => leave(signal.reason);
    const own: Waiting = {
      go() {
        signal.removeEventListener('abort', abort);
        resolve();
      },
      giveWay: () => leave(new Superseded('A newer push of this app came; this one gives way to it.')),
    };
    queue.waiting = own;
    signal.addEventListener('abort', abort, {once: true});
  });
}
