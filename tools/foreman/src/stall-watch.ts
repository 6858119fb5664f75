import type {Writable} from 'node:stream';

const STALLED_MS = 1500;
const CHECK_MS = 100;

/** A reader that takes nothing for so long, although we were asked to end, is not waited for. */
export interface StallWatch extends Disposable {
  /** True when `written` resolves; false when the reader is given up. */
  writtenOrStalled(written: Promise<void>): Promise<boolean>;
}

/**
 * Watches sinks from now on; to be begun when the end begins, so that a grace in which nobody reads counts.
 * @param asked somebody wants us to end: before that a reader may be as slow as it likes
 */
export function watchStall(sinks: readonly Writable[], asked: AbortSignal | undefined): StallWatch {
  let lengths = '';
  let moved = performance.now();
  let giveUp: () => void = () => {};
  const timer = setInterval(() => {
    const held = sinks.map(({writableLength}) => writableLength);
    const isMoving = held.join() !== lengths || held.every((length) => length === 0);
    lengths = held.join();
    if (isMoving || asked?.aborted !== true) moved = performance.now();
    else if (performance.now() - moved >= STALLED_MS) giveUp();
  }, CHECK_MS);
  return {
    writtenOrStalled: (written) =>
      Promise.race([
        written.then(() => true),
        new Promise<false>((resolve) => (giveUp = () => resolve(false))),
      ]),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
