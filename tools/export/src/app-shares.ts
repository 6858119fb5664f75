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
  /** Node's flags that keep it within its memory. */
  readonly nodeOptions: string;
  readonly threadPoolSize: number;
}

// Fewer than any system grants by default would break what works; more than the kernel's own fs.nr_open cannot be given.
const FILES = {least: 1024, most: 1_048_576} as const;

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
          nofile: Math.min(FILES.most, Math.max(FILES.least, allocation.maxFiles)),
          ...(limits.source.cpus === 'option' ? {cpuQuota: allocation.cpus} : {}),
        },
        nodeOptions: allocation.nodeOptions,
        threadPoolSize: allocation.threadPoolSize,
      },
    ]),
  );
}

/** What a share adds to the environment of the app: nothing that it says itself. */
export function shareEnv(
  env: Readonly<Record<string, string>>,
  {nodeOptions, threadPoolSize}: Share,
): Readonly<Record<string, string>> {
  const own = env['NODE_OPTIONS'] ?? '';
  const nameOf = (flag: string) => flag.split('=')[0]!.replaceAll('_', '-');
  const said = new Set(own.split(/\s+/).map(nameOf));
  const flags = nodeOptions.split(' ').filter((flag) => !said.has(nameOf(flag)));
  return {
    NODE_OPTIONS: [own, ...flags].join(' ').trim(),
    UV_THREADPOOL_SIZE: env['UV_THREADPOOL_SIZE'] ?? String(threadPoolSize),
  };
}
