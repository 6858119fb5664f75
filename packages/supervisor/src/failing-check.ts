import {setTimeout as sleep} from 'node:timers/promises';
import type {Slot} from './slot.ts';
import type {Readiness} from './workload.ts';

const WATCH_EVERY_MS = 1000;
const WATCH_TRY_MS = 5000;
/** One late answer under load is no reason to throw a release away; two in a row are. */
const WATCH_FAILURES = 2;

/** Resolves when the health of a slot has failed; never when it does not. Rejects when the watch is over. */
export async function failingCheck(slot: Slot, signal: AbortSignal): Promise<Readiness> {
  for (let failures = 0; ;) {
    const because = await slot.worker?.check(WATCH_TRY_MS);
    failures = because === undefined ? 0 : failures + 1;
    if (because !== undefined && failures >= WATCH_FAILURES) {
      return {state: 'not-ready', instance: slot.plan.tag, because, output: slot.worker?.output ?? []};
    }
    await sleep(failures > 0 ? WATCH_EVERY_MS / 4 : WATCH_EVERY_MS, undefined, {signal});
  }
}
