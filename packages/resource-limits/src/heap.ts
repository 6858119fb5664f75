const MEGABYTE = 1024 ** 2;

/**
 * `--max-old-space-size` (megabytes, at least 1) for one Node process that may use `memoryBytes`.
 */
export function heapMegabytes(memoryBytes: number): number {
  const limit = memoryBytes / MEGABYTE;
  return Math.max(1, Math.floor(Math.max((limit * 0.8 - 60) * 0.8, limit / 4)));
}
