import type {Release} from './release.ts';

/**
 * Where a rollback from `current` goes: the good release that served before it, however far back; when that is gone, the newest
 * good one with a lower number. Numbers decide, never times of files.
 */
export function previousGood(
  releases: readonly Release[],
  current: Release | undefined,
): Release | undefined {
  if (current === undefined) return undefined;
  const byNumber = new Map(releases.map((release) => [release.number, release]));
  const seen = new Set<number>();
  for (let at: Release | undefined = current; at?.replaced !== undefined && !seen.has(at.number);) {
    seen.add(at.number);
    at = byNumber.get(at.replaced);
    if (at?.state === 'good' && at.number !== current.number) return at;
  }
  return releases.findLast(({number, state}) => state === 'good' && number < current.number);
}

export interface Retention {
  readonly current: Release | undefined;
  readonly lastGood: number | undefined;
  /** How many of those that were good once, the newest. */
  readonly keep: number;
  readonly running: readonly number[];
}

/**
 * The releases to remove. Kept are the newest that were good once (so a rollback can be taken back), the current one, the last good one, the one that a rollback goes to,
 * those that run, and, to look at, the newest bad one while nothing good came after it.
 */
export function releasesToRemove(releases: readonly Release[], retention: Retention): Release[] {
  const {current, lastGood, keep, running} = retention;
  const proved = releases.filter(({provedAt}) => provedAt !== undefined);
  const kept = new Set<number | undefined>([
    current?.number,
    lastGood,
    previousGood(releases, current)?.number,
    ...running,
    ...proved.slice(-Math.max(1, keep)).map(({number}) => number),
  ]);
  const newest = releases.at(-1);
  if (newest?.state === 'bad') kept.add(newest.number);
  return releases.filter(({number}) => !kept.has(number));
}
