import type {ServiceLimits} from '@keelson/exporter';
import type {ProcessConfig} from '@keelson/manifest';
import type {StepOptions} from '@keelson/step';

/** How many instances of a type, and what the app's manifest says about it. */
export interface SharedType {
  readonly name: string;
  readonly instances: number;
  readonly tuning: ProcessConfig | undefined;
}

/** What is shared out; an empty object: what this machine gives. */
export interface ShareOptions {
  readonly memory?: string | undefined;
  readonly cpus?: number | undefined;
}

/** What one instance of a type gets. */
export interface Share {
  readonly limits: ServiceLimits;
  readonly heapMegabytes: number;
}

/** Shares of each type by its name. CPUs become a quota only when they were given: else the machine's are shared by the kernel. */
export async function appShares(
  types: readonly SharedType[],
  {memory, cpus}: ShareOptions,
  options: StepOptions = {},
): Promise<Map<string, Share>> {
  const {distribute, readLimits} = await import('@keelson/resource-limits');
  const limits = await readLimits({memory, cpus}, {signal: options.signal});
  const entryPoints = types.map(({name, instances, tuning}) => ({...tuning, name, instances}));
  return new Map(
    distribute(limits, entryPoints).map((allocation) => [
      allocation.name,
      {
        limits: {
          memoryMax: allocation.memoryBytes,
          ...(limits.source.cpus === 'option' ? {cpuQuota: allocation.cpus} : {}),
        },
        heapMegabytes: allocation.heapMegabytes,
      },
    ]),
  );
}

/** The app's NODE_OPTIONS with the heap that fits its memory, unless they set one. */
export function withHeap(nodeOptions: string | undefined, heapMegabytes: number): string {
  if (/--max[-_]old[-_]space[-_]size/.test(nodeOptions ?? '')) return nodeOptions!;
  return `${nodeOptions ?? ''} --max-old-space-size=${heapMegabytes}`.trim();
}
