/** Bytes, or a size like `64M`. */
export type Size = string | number;

/** What one entry point (a Procfile type) needs, in CID's words; every key but the name has the default of CID's Node tool. */
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
  /** Handed on as it is. */
  readonly maxRequestSize?: Size | undefined;
  /** Handed on as it is. */
  readonly socketProtocol?: string | undefined;
}

type Kind = 'size' | 'count' | 'flag' | 'text';

/** Every key of an entry point but its name, and what its value is. */
export const ENTRY_KEYS = {
  minMemory: 'size',
  maxMemory: 'size',
  maxTotalMemory: 'size',
  connMemory: 'size',
  connFD: 'count',
  memWeight: 'count',
  cpuWeight: 'count',
  scalable: 'flag',
  multiCore: 'flag',
  reloadable: 'flag',
  maxInstances: 'count',
  instances: 'count',
  debugOverhead: 'size',
  debugConnOverhead: 'size',
  maxRequestSize: 'size',
  socketProtocol: 'text',
} as const satisfies Record<Exclude<keyof EntryPoint, 'name'>, Kind>;

type KeyOf<K extends Kind> = {
  [Key in keyof typeof ENTRY_KEYS]: (typeof ENTRY_KEYS)[Key] extends K ? Key : never;
}[keyof typeof ENTRY_KEYS];

export type SizeKey = KeyOf<'size'>;
export type CountKey = KeyOf<'count'>;

/** Of weights, instances, descriptors: keeps products exact. */
export const MOST = 1_000_000;
