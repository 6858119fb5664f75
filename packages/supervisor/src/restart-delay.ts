const FIRST_MS = 100;
const LONGEST_MS = 30_000;
/** A worker that ran this long was no failed start (OTP and pm2 think of such a time, too). */
export const STEADY_MS = 10_000;
/** From this many failed starts in a row on, the status says crash-loop. */
export const CRASH_LOOP = 5;

/**
 * How long to wait before a restart: 100 ms, doubled with each failure in a row, at most 30 s, ± 20 % so that workers
 * that fail together do not start together.
 * @param random from 0 to 1
 */
export function restartDelay(failures: number, random: number): number {
  const delay = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 20));
  return Math.round(delay * (0.8 + 0.4 * random));
}
