import {entryNeed, type EntryNeed, LEAST_BYTES} from './entry-need.ts';
import {LimitsFault} from './fault.ts';
import {heapMegabytes} from './heap.ts';
import {instanceCount, mostInstances} from './instance-count.ts';
import {PAGE, pagesDown, pagesUp} from './page.ts';
import type {Limits} from './read-limits.ts';
import {sharePages} from './share-pages.ts';
import {formatSize} from './size.ts';

/** Bytes, or a size like `64M`. */
export type Size = string | number;

/** What one entry point (a Procfile type) needs; every key but the name has Node's default. */
export interface EntryPoint {
  readonly name: string;
  /** An instance's need before its first connection. Default 64M. */
  readonly minMemory?: Size | undefined;
  /** The most that one instance gets. */
  readonly maxMemory?: Size | undefined;
  /** The most that all instances get together. */
  readonly maxTotalMemory?: Size | undefined;
  /** Memory of one connection. Default 32K. */
  readonly connMemory?: Size | undefined;
  /** File descriptors of one connection. Default 16. */
  readonly connFD?: number | undefined;
  /** Default 100. */
  readonly memWeight?: number | undefined;
  /** Default 100. */
  readonly cpuWeight?: number | undefined;
  /** More than one instance is possible. Default true. */
  readonly scalable?: boolean | undefined;
  /** One instance uses more than one CPU. Default false. */
  readonly multiCore?: boolean | undefined;
  /** An instance takes new code without a second one beside it. Default false. */
  readonly reloadable?: boolean | undefined;
  readonly maxInstances?: number | undefined;
  /** Exactly so many instances. */
  readonly instances?: number | undefined;
  /** Added to minMemory when debugging. */
  readonly debugOverhead?: Size | undefined;
  /** Added to connMemory when debugging. */
  readonly debugConnOverhead?: Size | undefined;
}

/** One entry point's share. `memoryBytes`, `cpus`, `connections`, `files` and `heapMegabytes` are of one instance. */
export interface Allocation {
  readonly kind: 'allocation';
  readonly name: string;
  readonly instances: number;
  readonly memoryBytes: number;
  /** Of all instances together; what the division leaves over goes to the first one. */
  readonly totalMemoryBytes: number;
  readonly cpus: number;
  readonly connections: number;
  readonly files: number;
  /** For `--max-old-space-size`. */
  readonly heapMegabytes: number;
}

export interface DistributeOptions {
  /** Adds debugOverhead and debugConnOverhead. Default false. */
  readonly debug?: boolean | undefined;
}

/** An entry point with what it gets at least and at most. */
interface Plan {
  readonly need: EntryNeed;
  readonly base: number;
  readonly cap: number;
  /** CPUs that it may use: the heaviest all of them, the others in proportion to it. */
  readonly cpus: number;
  readonly most: number;
}

function planOf(need: EntryNeed, limits: Limits, heaviest: number): Plan {
  const cpus = Math.min(limits.cpus, (limits.cpus * need.cpuWeight) / heaviest);
  const most = mostInstances(need, Math.max(1, Math.ceil(cpus)));
  const cap = Math.min(need.maxTotalBytes, need.maxBytes * most) / PAGE;
  const least = pagesUp(need.leastBytes) * (need.instances ?? 1);
  return {need, base: Math.max(least, Math.min(pagesUp(LEAST_BYTES), cap)), cap, cpus, most};
}

function allocate({need, cpus, most}: Plan, pages: number, limits: Limits): Allocation {
  const instances = instanceCount(need, pages * PAGE, most);
  const each = Math.min(pagesDown((pages * PAGE) / instances) * PAGE, need.maxBytes);
  const connections = Math.min(
    Math.floor((each - need.minBytes) / need.connBytes),
    Math.floor(limits.files / need.connFD),
  );
  return {
    kind: 'allocation',
    name: need.name,
    instances,
    memoryBytes: each,
    totalMemoryBytes: Math.min(pages * PAGE, each * (instances - 1) + need.maxBytes),
    cpus: need.multiCore || !need.scalable ? Math.min(cpus, Math.ceil(cpus / instances)) : Math.min(1, cpus),
    connections,
    files: connections * need.connFD,
    heapMegabytes: heapMegabytes(each),
  };
}

function checkNames(entryPoints: readonly EntryPoint[]): void {
  const seen = new Set<string>();
  for (const {name} of entryPoints) {
    if (seen.has(name)) throw new LimitsFault('LIMITS_ENTRY', `entry point "${name}" is there twice`);
    seen.add(name);
  }
}

/** Pages that are left when everyone has the least. */
function pagesAbove(plans: readonly Plan[], limits: Limits): number {
  const total = pagesDown(limits.memoryBytes);
  const needed = plans.reduce((sum, {base}) => sum + base, 0);
  if (needed <= total) return total - needed;
  const [need, have, missing] = [needed, total, needed - total].map((pages) => formatSize(pages * PAGE));
  const names = plans.map((plan) => plan.need.name).join(', ');
  throw new LimitsFault(
    'LIMITS_DEFICIT',
    `not enough memory for ${names}: at least ${need} are needed, the limit is ${have} (${missing} less)`,
    {hint: 'Give more memory, run less, or lower minMemory.'},
  );
}

/**
 * Shares memory, CPUs and file descriptors out over entry points by their weights, in CID's way, and says how many
 * instances of each make sense. Together they never get more memory than the limit; the order of entry points doesn't
 * matter, and more memory never gives anyone less. Without an entry point: an empty list.
 * Faults: LIMITS_ENTRY, LIMITS_DEFICIT.
 */
export function distribute(
  limits: Limits,
  entryPoints: readonly EntryPoint[],
  options: DistributeOptions = {},
): Allocation[] {
  checkNames(entryPoints);
  const needs = entryPoints.map((entry) => entryNeed(entry, options.debug ?? false));
  const heaviest = needs.reduce((most, {cpuWeight}) => Math.max(most, cpuWeight), 1);
  const plans = needs.map((need) => planOf(need, limits, heaviest));
  const claims = plans.map(({need, base, cap}) => ({
    name: need.name,
    weight: need.memWeight,
    room: Math.max(0, Math.min(cap, pagesDown(limits.memoryBytes)) - base),
  }));
  const shares = sharePages(pagesAbove(plans, limits), claims);
  return plans.map((plan) => allocate(plan, plan.base + shares.get(plan.need.name)!, limits));
}
