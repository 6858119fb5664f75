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
  /** What all releases together may take of the disk. Default: as much as they like. */
  readonly disk?: DiskBudget | undefined;
}

export interface DiskBudget {
  readonly bytes: number;
  /** Of dependencies that releases share, by their key. */
  readonly shared: ReadonlyMap<string, number>;
}

/**
 * The releases to remove. Kept are the newest that were good once (so a rollback can be taken back), the current one, the last good one, the one that a rollback goes to,
 * those that run, and, to look at, the newest bad one while nothing good came after it. When these take more of the disk than they may, the
 * oldest go first; the current one, the last good one, those that run and, while another can go instead, the one that a rollback goes to stay.
 */
export function releasesToRemove(releases: readonly Release[], retention: Retention): Release[] {
  const {current, lastGood, keep, running, disk} = retention;
  const proved = releases.filter(({provedAt}) => provedAt !== undefined);
  const previous = previousGood(releases, current)?.number;
  const needed = new Set<number | undefined>([current?.number, lastGood, ...running]);
  const kept = new Set<number | undefined>([
    ...needed,
    previous,
    ...proved.slice(-Math.max(1, keep)).map(({number}) => number),
  ]);
  const newest = releases.at(-1);
  if (newest?.state === 'bad') kept.add(newest.number);
  let left = releases.filter(({number}) => kept.has(number));
  if (disk !== undefined) {
    const spare = left.filter(({number}) => !needed.has(number));
    const order = [
      ...spare.filter(({number}) => number !== previous),
      ...spare.filter(({number}) => number === previous),
    ];
    for (const {number} of order)
      if (usageOf(left, disk) > disk.bytes) left = left.filter((release) => release.number !== number);
  }
  return releases.filter((release) => !left.includes(release));
}

function usageOf(releases: readonly Release[], {shared}: DiskBudget): number {
  const keys = new Set(releases.map(({dependencies}) => dependencies));
  const own = releases.reduce((sum, {diskBytes = 0}) => sum + diskBytes, 0);
  return [...keys].reduce((sum, key) => sum + (shared.get(key ?? '') ?? 0), own);
}
