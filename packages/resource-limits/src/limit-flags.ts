import {Flags} from '@keelson/cli-kit';

import {LimitsFault} from './fault.ts';
import type {LimitOverrides} from './read-limits.ts';

export const limitFlags = {
  memory: Flags.string({summary: 'Memory, instead of what the machine gives.', helpValue: '512M'}),
  cpus: Flags.string({summary: 'CPUs, instead of what the machine gives.', helpValue: 'N'}),
};

/** Faults: LIMITS_OPTION. */
export function toOverrides(flags: {memory?: string | undefined; cpus?: string | undefined}): LimitOverrides {
  const {memory, cpus} = flags;
  if (cpus === undefined) return {memory};
  if (/^(\d+(\.\d+)?|\.\d+)$/.test(cpus)) return {memory, cpus: Number(cpus)};
  throw new LimitsFault('LIMITS_OPTION', `cpus: "${cpus}" is not a number`, {
    hint: 'Write a number of CPUs, for example 2 or 0.5.',
  });
}
