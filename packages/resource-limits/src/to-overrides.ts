import {LimitsFault} from './fault.ts';
import type {LimitOverrides} from './read-limits.ts';

/** What flags say. Faults: LIMITS_OPTION. */
export function toOverrides(flags: {memory?: string | undefined; cpus?: string | undefined}): LimitOverrides {
  const {memory, cpus} = flags;
  if (cpus === undefined) return {memory};
  if (/^(\d+(\.\d+)?|\.\d+)$/.test(cpus)) return {memory, cpus: Number(cpus)};
  throw new LimitsFault('LIMITS_OPTION', `cpus: "${cpus}" is not a number`, {
    hint: 'Write a number of CPUs, for example 2 or 0.5.',
  });
}
