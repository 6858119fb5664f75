/** At most so many at once; ten times as many may wait. */
export interface Crowd {
  /** Resolves when there is room, with what gives it back; with undefined when too many wait already, or the signal aborts. */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>;
}

const WAITING_FOR_EACH = 10;

export function createCrowd(atOnce: number): Crowd {
  const waiting: (() => void)[] = [];
  let inside = 0;
  const leaver = () => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = waiting.shift();
      if (next === undefined) inside--;
      else next();
    };
  };
  return {
    async enter(signal) {
      if (signal.aborted) return undefined;
      if (inside < atOnce) {
        inside++;
        return leaver();
      }
      if (waiting.length >= atOnce * WAITING_FOR_EACH) return undefined;
      const entered = await new Promise<boolean>((resolve) => {
        const go = () => {
          signal.removeEventListener('abort', giveUp);
          resolve(true);
        };
        const giveUp = () => {
          waiting.splice(waiting.indexOf(go), 1);
          resolve(false);
        };
        waiting.push(go);
        signal.addEventListener('abort', giveUp, {once: true});
      });
      return entered ? leaver() : undefined;
    },
  };
}
