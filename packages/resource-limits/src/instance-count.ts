import {type EntryNeed, LEAST_BYTES} from './entry-need.ts';

/** The most instances that the CPUs are good for: CID's rules, with `cpus` whole. */
export function mostInstances(need: EntryNeed, cpus: number): number {
  if (need.instances !== undefined) return need.instances;
  return Math.min(need.maxInstances, mostUseful(need, cpus));
}

function mostUseful({scalable, multiCore, reloadable}: EntryNeed, cpus: number): number {
  if (!scalable) return 1;
  // A second instance serves while the first one is replaced.
  if (multiCore) return reloadable ? 1 : 2;
  return reloadable || cpus > 1 ? cpus : 2;
}

/** How many instances share `bytes`, at least 1: as many as have twice their minimum each. */
export function instanceCount(need: EntryNeed, bytes: number, most: number): number {
  if (need.instances !== undefined || most === 1) return most;
  const {minBytes, leastBytes, maxBytes} = need;
  const comfortable = Math.min(Math.max(2 * minBytes, leastBytes, LEAST_BYTES), maxBytes);
  const comfortably = Math.max(1, Math.min(most, Math.floor(bytes / comfortable)));
  // With a limit on each instance one more may be needed to use it all, if it then still has its minimum.
  const toUseAll = Math.ceil(bytes / maxBytes);
  const enough = toUseAll <= most && toUseAll * leastBytes <= bytes;
  return enough ? Math.max(comfortably, toUseAll) : comfortably;
}
