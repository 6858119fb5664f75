import {setTimeout} from 'node:timers/promises';
import type {Breath} from '../breathe.ts';
import type {StattedEntry} from '../stat-tree.ts';
import type {CacheOrder} from './pack-order.ts';
import {openSegmentCache} from './segment-cache.ts';
import {keyOfContents, keyOfShape, keyOfStamps, type Settings} from './segment-key.ts';
import type {Segment} from './segment.ts';

export interface CachedSegmentOptions {
  readonly cache: CacheOrder;
  readonly settings: Settings;
  /** Milliseconds until stamps can be trusted; undefined: they cannot. */
  readonly settling: number | undefined;
  /** The sha-256 of files that were just written, by path. */
  readonly recent: () => Promise<ReadonlyMap<string, string>>;
  /** Reads and hashes all files, in order. */
  readonly hashed: () => Promise<readonly string[]>;
  readonly breathe: Breath;
  readonly signal: AbortSignal | undefined;
  /** The cache is of no use, and why. Never a reason to fail. */
  readonly missed: (because: string) => void;
}

export interface CachedSegment {
  readonly found: Segment | undefined;
  /** Keeps what was packed instead, for the next time. */
  keep(packed: Segment): Promise<void>;
}

/**
 * The segment of these files, if it was packed before: found by their stamps without opening one of them; or, when they were
 * copied or installed anew, by their contents, which are only read when there is a segment of the same names, modes and sizes.
 */
export async function cachedSegment(
  entries: readonly StattedEntry[],
  options: CachedSegmentOptions,
): Promise<CachedSegment> {
  const {settings, settling, recent, hashed, missed, breathe, signal} = options;
  const {dir, maxBytes, verify} = options.cache;
  const store = openSegmentCache(dir, {maxBytes, breathe});
  const stamps = keyOfStamps(entries, settings, await recent());
  const shapeOf = () => keyOfShape(entries, settings).slice(0, 32);
  const nameOf = (shape: string, sha256: readonly string[]) => `${shape}-${keyOfContents(sha256)}`;
  const note = async (name: string) => {
    if (settling === undefined) return missed('the files have times in which a later change might not show');
    await store.note(stamps, name);
  };
  const safely = async <T>(use: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await use();
    } catch (error) {
      signal?.throwIfAborted();
      missed((error as Error).message);
      return undefined;
    }
  };

  // From here on files are read: what is written after that must not have a time of now.
  if (settling !== undefined && settling > 0) await setTimeout(settling);
  const byStamps = async () => {
    const name = verify ? undefined : store.noted(stamps);
    return name === undefined ? undefined : store.find(name);
  };
  const byContents = async () => {
    const shape = shapeOf();
    if (!store.hasLike(shape)) return undefined;
    const name = nameOf(shape, await hashed());
    const found = await store.find(name);
    if (found !== undefined) await note(name);
    return found;
  };
  return {
    found: (await safely(byStamps)) ?? (await safely(byContents)),
    keep: async (packed) => {
      await safely(async () => {
        const name = nameOf(shapeOf(), packed.sha256);
        await store.store(name, packed);
        await note(name);
      });
    },
  };
}
