import {createHash, type Hash} from 'node:crypto';
import type {StattedEntry} from '../stat-tree.ts';
import {BLOCK} from './tar-blocks.ts';

/** Changes whenever the same files would give other bytes. */
const VERSION = 2;

/** Kernels take the time of a change from a clock that ticks every 1 to 10 ms. */
const TICK_NS = 20_000_000n;
/** File systems without fractions of a second (ext3, HFS+, some network ones) count whole ones, FAT even two. */
const COARSE_NS = 2_000_000_000n;
const SECOND_NS = 1_000_000_000n;

/** What beside the files decides about the bytes of a segment. */
export interface Settings {
  readonly level: number;
  readonly modifiedAt: number;
}

/**
 * Equal as long as nobody touched a file.
 * @param contents the sha-256 of files that are written anew each time, by path: of these the contents have to be equal
 */
export function keyOfStamps(
  entries: readonly StattedEntry[],
  settings: Settings,
  contents: ReadonlyMap<string, string>,
): string {
  return keyOf(entries, settings, ({path, stamp}) => contents.get(path) ?? stamp);
}

/** Equal when there are files of the same names, modes and sizes: worth to compare their contents. */
export function keyOfShape(entries: readonly StattedEntry[], settings: Settings): string {
  return keyOf(entries, settings, ({size}) => `${size}`);
}

/** @param sha256 of the files, in order */
export function keyOfContents(sha256: readonly string[]): string {
  const sum = createHash('sha256');
  update(sum, sha256, (digest) => digest);
  return sum.digest('hex');
}

function keyOf(
  entries: readonly StattedEntry[],
  {level, modifiedAt}: Settings,
  ofFile: (file: Extract<StattedEntry, {stamp: string}>) => string,
): string {
  const sum = createHash('sha256');
  sum.update(JSON.stringify([VERSION, BLOCK, level, modifiedAt, process.versions.zlib]));
  update(sum, entries, (entry) => {
    const detail = entry.mode === 'folder' ? '' : entry.mode === 'link' ? entry.target : ofFile(entry);
    return `${entry.path}\0${entry.mode}\0${detail}`;
  });
  return sum.digest('hex');
}

/** Names hold no LF. */
function update<T>(sum: Hash, values: readonly T[], lineOf: (value: T) => string): void {
  const AT_ONCE = 1000;
  for (let at = 0; at < values.length; at += AT_ONCE)
    sum.update(
      `${values
        .slice(at, at + AT_ONCE)
        .map((value) => lineOf(value))
        .join('\n')}\n`,
    );
}

/**
 * How long to wait until a later change of the file that was changed last must show in its stamp, in milliseconds; the clock may
 * have the same time for both now. Undefined: too long, or its clock is ahead of ours.
 */
export function settlesIn(changedAt: bigint, now = BigInt(Date.now()) * 1_000_000n): number | undefined {
  const needed = changedAt % SECOND_NS === 0n ? COARSE_NS : TICK_NS;
  const left = changedAt + needed - now;
  if (left <= 0n) return 0;
  return left > TICK_NS ? undefined : Number(left / 1_000_000n) + 1;
}
