const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/** A process that ran so long was no failed start. */
export const STEADY_MS = 10_000;

/** How long to wait before restart number `failures` in a row: a quarter of a second, doubled each time, at most half a minute. */
export function restartDelay(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
}
