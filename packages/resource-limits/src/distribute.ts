import type {Limits} from './read-limits.ts';

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

export function distribute(
  limits: Limits,
  entryPoints: readonly EntryPoint[],
  options: DistributeOptions = {},
): Allocation[] {
  throw new Error(`not yet ${JSON.stringify([limits, entryPoints, options])}`);
}
