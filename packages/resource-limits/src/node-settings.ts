const MEGABYTE = 1024 ** 2;

/** Of Node's threads those that are not libuv's pool: main, V8's workers, platform, signals and inspector. */
export const OTHER_THREADS = 7;
/** libuv's own bounds and default: its threadpool.c. */
export const POOL = {usual: 4, most: 1024} as const;
/** V8's own default up to Node 22; later ones take up to 64, which is 192 MB of young generation beside any heap limit. */
const SEMI_SPACE = 16;

export interface NodeMemory {
  /** For `--max-old-space-size`. */
  readonly heapMegabytes: number;
  /** For `--max-semi-space-size`; the young generation has three. */
  readonly semiSpaceMegabytes: number;
  /** Both as flags, for NODE_OPTIONS or in front of the script; behind it they would be the app's own arguments. */
  readonly nodeOptions: string;
}

/** What is left of so many megabytes when a fifth is kept for peaks and 60 MB for Node's own code, stacks and threads. */
const roomIn = (megabytes: number): number => megabytes * 0.8 - 60;

/** Whether that room would be (next to) nothing: below 123 MB. */
export const isTight = (memoryBytes: number): boolean => {
  const megabytes = memoryBytes / MEGABYTE;
  return roomIn(megabytes) * 0.8 < megabytes / 4;
};

/**
 * Limits of V8 for one Node process that may use `memoryBytes`. Of the room beside peaks and code four fifths are the old
 * generation, and the last fifth is for buffers and the young generation: without that the kernel kills the process before V8
 * collects. Below 123 MB a quarter of the memory is the old generation, since a small heap with the process at risk beats a
 * process that cannot start.
 */
export function nodeMemory(memoryBytes: number): NodeMemory {
  const megabytes = memoryBytes / MEGABYTE;
  const room = roomIn(megabytes);
  const heapMegabytes = Math.max(1, Math.floor(isTight(memoryBytes) ? megabytes / 4 : room * 0.8));
  let semiSpaceMegabytes = 1;
  while (semiSpaceMegabytes < SEMI_SPACE && semiSpaceMegabytes * 2 * 3 <= room * 0.2) semiSpaceMegabytes *= 2;
  const nodeOptions = `--max-old-space-size=${heapMegabytes} --max-semi-space-size=${semiSpaceMegabytes}`;
  return {heapMegabytes, semiSpaceMegabytes, nodeOptions};
}

/** `--max-old-space-size` (megabytes, at least 1) of `nodeMemory`. */
export function heapMegabytes(memoryBytes: number): number {
  return nodeMemory(memoryBytes).heapMegabytes;
}

/** UV_THREADPOOL_SIZE: libuv's 4, or one for each CPU where there are more, unless the process may have fewer threads. */
export function threadPoolSize(cpus: number, threads = Infinity): number {
  const useful = Math.min(POOL.most, Math.max(POOL.usual, Math.ceil(cpus)));
  return Math.max(1, Math.min(useful, threads - OTHER_THREADS));
}
