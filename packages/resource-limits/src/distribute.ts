import {type AllocationReasons, allocationReasons} from './allocation-reasons.ts';
import {cpusOf, cpusOfInstance, wholeCpus} from './cpu-share.ts';
import {entryNeed, type EntryNeed, LEAST_BYTES} from './entry-need.ts';
import type {EntryPoint} from './entry-point.ts';
import {LimitsFault} from './fault.ts';
import {instanceCount, mostInstances} from './instance-count.ts';
import {type InstanceShare, instanceShare} from './instance-share.ts';
import {PAGE, pagesDown, pagesUp} from './page.ts';
import {sharePages} from './share-pages.ts';
import {formatSize} from './size.ts';

/** What there is to share out: a `Limits` value has it. */
export interface Capacity {
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Open files of one process. Default: no limit. */
  readonly files?: number | undefined;
  /** Processes and threads of all. Default: no limit. */
  readonly processes?: number | undefined;
}

/** One entry point's share. What stands here itself is of each instance but the first. */
export interface Allocation extends InstanceShare {
  readonly kind: 'allocation';
  readonly name: string;
  readonly instances: number;
  /** Of all instances together. */
  readonly totalMemoryBytes: number;
  /** The first instance, which also has what the division left over. */
  readonly first: InstanceShare;
  /** How each number came about; undefined when that wasn't wanted. */
  readonly reasons: AllocationReasons | undefined;
}

export interface DistributeOptions {
  /** Adds debugOverhead and debugConnOverhead. Default false. */
  readonly debug?: boolean | undefined;
  /** Gives reasons, a third of the work. Default true. */
  readonly explain?: boolean | undefined;
}

/** An entry point with what it gets at least and at most, in pages. */
export interface Plan {
  readonly need: EntryNeed;
  readonly base: number;
  readonly cap: number;
  readonly cpus: number;
  readonly mostInstances: number;
}

function planOf(need: EntryNeed, cpus: number, heaviest: number): Plan {
  const own = cpusOf(need, cpus, heaviest);
  const most = mostInstances(need, wholeCpus(own));
  const cap = Math.min(need.maxTotalBytes, need.maxBytes * most) / PAGE;
  const least = pagesUp(need.leastBytes) * (need.instances ?? 1);
  const base = Math.max(least, Math.min(pagesUp(LEAST_BYTES), cap));
  return {need, base, cap, cpus: own, mostInstances: most};
}

/** What is the same for all entry points. */
interface Whole {
  readonly capacity: Capacity;
  /** Sums over all of them. */
  readonly memWeights: number;
  readonly instances: number;
  readonly explain: boolean;
}

function allocate(plan: Plan, {pages, count}: {pages: number; count: number}, whole: Whole): Allocation {
  const {need} = plan;
  const bytes = pages * PAGE;
  const each = Math.min(pagesDown(bytes / count) * PAGE, need.maxBytes);
  const total = Math.min(bytes, each * (count - 1) + need.maxBytes);
  const over = total - each * count;
  const facts = {
    cpus: cpusOfInstance(need, plan.cpus, {count, bytes}),
    threads: Math.floor((whole.capacity.processes ?? Infinity) / whole.instances),
  };
  const share = instanceShare(need, each, facts);
  const first = over === 0 ? share : instanceShare(need, each + over, facts);
  // Field by field: of thousands, spreading costs more than everything else here.
  return {
    kind: 'allocation',
    name: need.name,
    instances: count,
    totalMemoryBytes: total,
    memoryBytes: share.memoryBytes,
    cpus: share.cpus,
    maxConnections: share.maxConnections,
    maxFiles: share.maxFiles,
    threadPoolSize: share.threadPoolSize,
    heapMegabytes: share.heapMegabytes,
    nodeOptions: share.nodeOptions,
    maxRequestSize: share.maxRequestSize,
    socketProtocol: share.socketProtocol,
    first,
    reasons: whole.explain ? allocationReasons(plan, {bytes, count, over, first}, whole) : undefined,
  };
}

/** Not a number, or nothing to share out. */
function checkCapacity(capacity: Capacity): void {
  for (const name of ['memoryBytes', 'cpus'] as const) {
    if (!(Number.isFinite(capacity[name]) && capacity[name] > 0))
      throw new LimitsFault('LIMITS_OPTION', `${name} is ${capacity[name]}, not a positive number`);
  }
}

function checkNames(entryPoints: readonly EntryPoint[]): void {
  const seen = new Set<string>();
  for (const {name} of entryPoints) {
    if (seen.has(name)) throw new LimitsFault('LIMITS_ENTRY', `entry point "${name}" is there twice`);
    seen.add(name);
  }
}

const NAMED = 5;

/** Pages that are left when everyone has the least. */
function pagesAbove(plans: readonly Plan[], {memoryBytes}: Capacity): number {
  const total = pagesDown(memoryBytes);
  const needed = plans.reduce((sum, {base}) => sum + base, 0);
  if (needed <= total) return total - needed;
  const bytes = needed * PAGE;
  const [need, have, missing] = [bytes, memoryBytes, bytes - memoryBytes].map(formatSize);
  const names = plans.slice(0, NAMED).map((plan) => plan.need.name);
  const more = plans.length > NAMED ? ` and ${plans.length - NAMED} more` : '';
  throw new LimitsFault(
    'LIMITS_DEFICIT',
    `not enough memory for ${names.join(', ')}${more}: at least ${need} are needed, the limit is ${have} (${missing} less)`,
    {hint: 'Give more memory, run less, or lower minMemory.'},
  );
}

/**
 * Shares memory, CPUs and file descriptors out over entry points by their weights, in CID's way, and says how many
 * instances of each make sense. Together they never get more memory than the limit; the order of entry points doesn't
 * matter, and more memory never gives anyone less. Without an entry point: an empty list.
 * Faults: LIMITS_OPTION, LIMITS_ENTRY, LIMITS_DEFICIT.
 */
export function distribute(
  capacity: Capacity,
  entryPoints: readonly EntryPoint[],
  options: DistributeOptions = {},
): Allocation[] {
  checkCapacity(capacity);
  checkNames(entryPoints);
  const needs = entryPoints.map((entry) => entryNeed(entry, options.debug ?? false));
  const heaviest = needs.reduce((most, {cpuWeight}) => Math.max(most, cpuWeight), 1);
  const plans = needs.map((need) => planOf(need, capacity.cpus, heaviest));
  const claims = plans.map(({need, base, cap}) => ({
    name: need.name,
    weight: need.memWeight,
    room: Math.max(0, Math.min(cap, pagesDown(capacity.memoryBytes)) - base),
  }));
  // CID leaves a page where the shares are not whole; where the limit is no whole number of pages, that would be more than one.
  const spare = capacity.memoryBytes % PAGE === 0;
  const shares = sharePages(pagesAbove(plans, capacity), claims, {spare});
  const pages = plans.map(({base}, index) => base + shares[index]!);
  const counts = plans.map(({need, mostInstances: most}, index) =>
    instanceCount(need, pages[index]! * PAGE, most),
  );
  const whole = {
    capacity,
    memWeights: needs.reduce((sum, {memWeight}) => sum + memWeight, 0),
    instances: counts.reduce((sum, count) => sum + count, 0),
    explain: options.explain ?? true,
  };
  return plans.map((plan, index) => allocate(plan, {pages: pages[index]!, count: counts[index]!}, whole));
}
