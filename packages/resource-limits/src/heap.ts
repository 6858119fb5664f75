const MEGABYTE = 1024 ** 2;

/**
 * `--max-old-space-size` (megabytes, at least 1) for one Node process that may use `memoryBytes`. Of the limit a fifth is left
 * for peaks, 60 MB are Node's own code, stacks and threads, and a fifth of the rest is for buffers and the young generation;
 * without that room the kernel kills the process before V8 collects. Below 123 MB that would leave (next to) nothing: then a quarter,
 * since a small heap with the process at risk beats a process that cannot start.
 */
export function heapMegabytes(memoryBytes: number): number {
  const limit = memoryBytes / MEGABYTE;
  return Math.max(1, Math.floor(Math.max((limit * 0.8 - 60) * 0.8, limit / 4)));
}
