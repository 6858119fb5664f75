import type {AllocationReasons} from './allocation-reasons.ts';
import {type Allocation, distribute, type DistributeOptions} from './distribute.ts';
import type {EntryPoint} from './entry-point.ts';
import type {InstanceShare} from './instance-share.ts';
import type {Limits} from './read-limits.ts';

/** One numbered instance of an entry point and what it gets. */
export interface InstanceAllocation extends InstanceShare {
  /** `web.1` */
  readonly name: string;
  readonly reasons: AllocationReasons | undefined;
}

/** Limits, and what each instance of each entry point gets of them. */
export interface SharedLimits extends Limits {
  readonly allocations: Readonly<Record<string, readonly InstanceAllocation[]>>;
  /** What is not as it should be: a limit that is below what an allocation needs. */
  readonly warnings: readonly string[];
}

function instancesOf({name, instances, first, reasons, ...share}: Allocation): InstanceAllocation[] {
  const {kind: _, totalMemoryBytes: __, ...each} = share;
  return Array.from({length: instances}, (_value, index) => ({
    name: `${name}.${index + 1}`,
    ...(index === 0 ? first : each),
    reasons,
  }));
}

function fewFiles(allocations: readonly Allocation[], files: number): string[] {
  return allocations
    .filter(({first}) => first.maxFiles > files)
    .map(
      ({name, first: {maxConnections, maxFiles}}) =>
        `${name}: ${maxConnections} connections may need ${maxFiles} open files, but this process may have ${files}: ` +
        'raise the limit (LimitNOFILE=, ulimit -n), or expect fewer connections',
    );
}

/**
 * `distribute`, instance by instance. Faults: LIMITS_ENTRY, LIMITS_DEFICIT.
 */
export function shareOut(
  limits: Limits,
  entryPoints: readonly EntryPoint[],
  options: DistributeOptions = {},
): SharedLimits {
  const allocations = distribute(limits, entryPoints, options);
  return {
    ...limits,
    allocations: Object.fromEntries(
      allocations.map((allocation) => [allocation.name, instancesOf(allocation)]),
    ),
    warnings: fewFiles(allocations, limits.files),
  };
}
