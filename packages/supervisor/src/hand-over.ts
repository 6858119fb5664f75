import {Leavers} from './leavers.ts';
import type {Slot} from './slot.ts';
import type {SupervisedGeneration} from './supervised-generation.ts';
import type {Crash} from './watch-slots.ts';
import type {Readiness} from './workload.ts';

/**
 * Lets a generation that runs nothing yet take over, one worker at a time: a new one starts, passes its gate and takes traffic, then
 * the old one of the same name drains, then the next. So there is never more than one serving worker more than before.
 *
 * When one is not ready, or one that has taken over crashes, the old ones that are left stay, and those that were replaced are started
 * again, with the command and environment that they had. Where that fails the new worker stays: the full count serves, and `kept`
 * names those.
 * @param olds the generations that serve now
 * @returns as soon as all of the new ones take traffic, or all that was changed is changed back
 * @throws SupervisorFault SUPERVISOR_STOPPED, the reason of the signal, and what kept a worker from being started
 */
export async function handOver(
  next: SupervisedGeneration,
  olds: readonly SupervisedGeneration[],
  signal: AbortSignal | undefined,
): Promise<Readiness> {
  const refuse = (): void => {
    for (const generation of [next, ...olds]) generation.refuseWhenEnding();
  };
  const leavers = new Leavers();
  const replaced: string[] = [];
  for (const slot of next.slots) {
    await leavers.room();
    refuse();
    let wrong: Crash | undefined;
    try {
      wrong = next.crash ?? (await whyNotServing(slot, signal));
    } catch (error) {
      refuse();
      await goBack(next, olds, replaced);
      throw error;
    }
    refuse();
    if (wrong !== undefined) {
      const kept = await goBack(next, olds, replaced);
      return {state: 'not-ready', ...wrong, ...(kept.length > 0 && {kept})};
    }
    next.serve();
    const {tag} = slot.plan;
    replaced.push(tag);
    for (const old of olds) leavers.add(old.retire(tag));
  }
  next.serve();
  return {state: 'ready'};
}

/** Starts a worker. @returns undefined when it takes traffic */
async function whyNotServing(slot: Slot, signal: AbortSignal | undefined): Promise<Crash | undefined> {
  await slot.start();
  const because = (await slot.ready(signal)) ?? (await slot.open());
  if (because === undefined) return undefined;
  const output = slot.worker?.output ?? [];
  await slot.stop();
  return {instance: slot.plan.tag, because, output};
}

/** @returns the workers of the new generation that stay, for their old ones do not start any more */
async function goBack(
  next: SupervisedGeneration,
  olds: readonly SupervisedGeneration[],
  replaced: readonly string[],
): Promise<string[]> {
  const kept: string[] = [];
  const leavers = new Leavers();
  for (const tag of replaced.toReversed()) {
    await leavers.room();
    const refilled = await Promise.all(olds.map((old) => old.refill(tag)));
    if (refilled.includes(true)) leavers.add(next.retire(tag));
    else kept.push(tag);
  }
  await leavers.all();
  await next.keepOnly(kept);
  return kept;
}
