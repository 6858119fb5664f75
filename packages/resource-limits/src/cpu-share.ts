import {type EntryNeed, LEAST_BYTES} from './entry-need.ts';

/** CPUs that an entry point may use: the heaviest all of them, the others in proportion to it. */
export function cpusOf({cpuWeight}: EntryNeed, cpus: number, heaviest: number): number {
  return Math.min(cpus, (cpus * cpuWeight) / heaviest);
}

/** CPUs for which processes are counted: half a CPU is good for one. */
export const wholeCpus = (cpus: number): number => Math.max(1, Math.ceil(cpus));

/** How many instances share the CPUs of an entry point; undefined: each is one thread of JavaScript and uses one at most. */
export function sharingCpus(
  need: EntryNeed,
  {count, bytes}: {count: number; bytes: number},
): number | undefined {
  if (!need.scalable) return 1;
  if (!need.multiCore) return undefined;
  if (need.instances !== undefined) return need.instances;
  // Also where maxInstances leaves the second one out: CID's rule.
  const paired = !need.reloadable && bytes >= 2 * Math.max(2 * need.minBytes, LEAST_BYTES);
  return paired ? 2 : count;
}

/** The most CPUs of one instance, by CID's rules; a fraction stays one. */
export function cpusOfInstance(
  need: EntryNeed,
  cpus: number,
  {count, bytes}: {readonly count: number; readonly bytes: number},
): number {
  const sharing = sharingCpus(need, {count, bytes});
  if (sharing === undefined) return Math.min(1, cpus / Math.min(count, wholeCpus(cpus)));
  return sharing === 1 ? cpus : Math.min(cpus, Math.ceil(cpus / sharing));
}
