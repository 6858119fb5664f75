import type {EntryPoint} from './entry-point.ts';
import {LimitsFault} from './fault.ts';

/** `web=200` → an entry point with Node's defaults and that memory weight; `web` has weight 100. Faults: LIMITS_ENTRY. */
export function parseWeights(words: readonly string[]): EntryPoint[] {
  return words.map((word) => {
    const found = /^([^=]+)(?:=(\d{1,7}))?$/.exec(word);
    if (!found) {
      throw new LimitsFault('LIMITS_ENTRY', `"${word}" is not NAME or NAME=WEIGHT`, {
        hint: 'For example: web=200 worker (a weight is a whole number; without one it is 100).',
      });
    }
    return {name: found[1]!, memWeight: found[2] === undefined ? undefined : Number(found[2])};
  });
}
