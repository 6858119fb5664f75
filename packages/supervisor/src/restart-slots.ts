import {Leavers} from './leavers.ts';
import type {Slot} from './slot.ts';
import type {Readiness} from './workload.ts';

/**
 * Replaces the workers of slots one after another, up to the first that cannot be. Resolves when those that were replaced are gone.
 * @param refuse throws when there is nothing to replace any more
 */
export async function restartSlots(slots: readonly Slot[], refuse: () => void): Promise<Readiness> {
  const leavers = new Leavers();
  let outcome: Readiness = {state: 'ready'};
  for (const slot of slots) {
    await leavers.room();
    refuse();
    const renewed = await slot.renew();
    if (renewed.because === undefined) {
      leavers.add(renewed.drained);
      continue;
    }
    const {plan, lastOutput: output} = slot;
    outcome = {state: 'not-ready', instance: plan.tag, because: renewed.because, output};
    break;
  }
  await leavers.all();
  return outcome;
}
