import {type EntryNeed, LEAST_BYTES} from './entry-need.ts';

/** The most instances that the CPUs are good for: CID's rules, with `cpus` whole. */
export function mostInstances(need: EntryNeed, cpus: number): number {
  if (need.instances !== undefined) return need.instances;
  return Math.min(need.maxInstances, mostUseful(need, cpus));
}

/** How many the CPUs alone are good for. */
export function mostUseful({scalable, multiCore, reloadable}: EntryNeed, cpus: number): number {
  if (!scalable) return 1;
  // A second instance serves while the first one is replaced.
  if (multiCore) return reloadable ? 1 : 2;
  return reloadable || cpus > 1 ? cpus : 2;
}

/** What an instance should have before there is a second one: CID's twice the minimum. */
export function comfortable({minBytes, leastBytes, maxBytes}: EntryNeed): number {
  return Math.min(Math.max(2 * minBytes, leastBytes, LEAST_BYTES), maxBytes);
}

/** How many instances share `bytes`, at least 1: as many as have twice their minimum each. */
export function instanceCount(need: EntryNeed, bytes: number, most: number): number {
  if (need.instances !== undefined || most === 1) return most;
  const {leastBytes, maxBytes} = need;
  const comfortably = Math.max(1, Math.min(most, Math.floor(bytes / comfortable(need))));
  // With a limit on each instance one more may be needed to use it all, if it then still has its minimum.
  const toUseAll = Math.ceil(bytes / maxBytes);
  const enough = toUseAll <= most && toUseAll * leastBytes <= bytes;
  return enough ? Math.max(comfortably, toUseAll) : comfortably;
}
