import type {Child} from '@keelson/spawn';

export interface SilenceWatch extends Disposable {
  /** There was a sign of life; from here on `limitMs` may pass to the next. */
  alive(limitMs: number): void;
  /** The silence that was too long; undefined while there was none. */
  readonly brokenAfterMs: number | undefined;
}

/** Stops a program that gives no sign of life for too long. */
export function watchSilence(child: Child, firstLimitMs: number): SilenceWatch {
  let brokenAfterMs: number | undefined;
  const giveUpAfter = (ms: number) =>
    setTimeout(() => {
      brokenAfterMs = ms;
      void child.stop();
    }, ms);
  let timer = giveUpAfter(firstLimitMs);
  return {
    alive(limitMs) {
      if (brokenAfterMs !== undefined) return;
      clearTimeout(timer);
      timer = giveUpAfter(limitMs);
    },
    get brokenAfterMs() {
      return brokenAfterMs;
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
