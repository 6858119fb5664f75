import {closeSync} from 'node:fs';
import {join} from 'node:path';
import type {Breath} from '../breathe.ts';
import {MANIFEST_NAME} from '../stored-manifest.ts';
import type {StattedEntry, StattedTree} from '../stat-tree.ts';
import type {PackEvent, PackOrder} from './pack-order.ts';
import {cachedSegment} from './cached-segment.ts';
import {inBlocks} from './in-blocks.ts';
import {settlesIn} from './segment-key.ts';
import {writeSegment, type Segment} from './segment.ts';
import {BLOCK, tarBlocks} from './tar-blocks.ts';
import {createHeaders} from './tar-header.ts';

const GZIP_LEVEL = 6;
/** Two blocks of zeros. */
const TAR_END = Buffer.alloc(1024);

/** Disposing of it closes all segments. */
export interface SegmentPacker extends Disposable {
  /** From the cache, where there is one and nothing has changed. */
  dependencies(entries: readonly StattedEntry[]): Promise<Segment>;
  /** The last segment: ends the tar. */
  app(entries: readonly StattedEntry[]): Promise<Segment>;
  /** @param text in pieces */
  manifest(text: Iterable<string>): Promise<Segment>;
}

interface PackerOptions {
  readonly signal: AbortSignal | undefined;
  readonly breathe: Breath;
  readonly tell: (event: PackEvent) => void;
}

export function createSegmentPacker(
  tree: StattedTree,
  order: PackOrder,
  {signal, breathe, tell}: PackerOptions,
): SegmentPacker {
  const {root, work, modifiedAt, cache} = order;
  // Only gzip can be made of compressed segments; for zstd they are joined first.
  const level = order.format === 'gzip' ? (order.level ?? GZIP_LEVEL) : undefined;
  const headerOf = createHeaders(modifiedAt);
  // A few blocks go round: to allocate one for each MiB would leave them to the garbage collector.
  const free: Buffer[] = [];
  const take = () => free.pop() ?? Buffer.allocUnsafeSlow(BLOCK);
  const onDone = ({buffer}: Uint8Array) => {
    if (buffer.byteLength === BLOCK) free.push(Buffer.from(buffer as ArrayBuffer));
  };
  const at = (name: string) => ({path: join(work, `${name}.segment`), level, onDone, breathe});
  const open: Segment[] = [];
  const held = (segment: Segment): Segment => {
    open.push(segment);
    return segment;
  };

  let done = 0;
  const progress = (bytes: number) => {
    done += bytes;
    tell({type: 'archive:packed', done: Math.min(done, tree.bytes), total: tree.bytes});
  };
  const missed = (because: string) => tell({type: 'archive:cache-missed', because});

  const segment = async (name: string, entries: readonly StattedEntry[], end?: Uint8Array) => {
    const sha256: string[] = [];
    const onHashed = (digest: string) => void sha256.push(digest);
    const blocks = function* () {
      for (const block of tarBlocks(entries, {root, headerOf, take, onHashed})) {
        yield block;
        progress(block.length);
      }
      if (end !== undefined) yield end;
    };
    return held(await writeSegment(blocks(), sha256, at(name)));
  };

  const hashed = async (entries: readonly StattedEntry[]): Promise<string[]> => {
    const sha256: string[] = [];
    const onHashed = (digest: string) => void sha256.push(digest);
    for (const block of tarBlocks(entries, {root, headerOf, take, onHashed})) {
      onDone(block);
      await breathe();
    }
    return sha256;
  };

  const recent = async (entries: readonly StattedEntry[]): Promise<ReadonlyMap<string, string>> => {
    const few = entries.filter(({path}) => tree.recent.has(path));
    const sha256 = await hashed(few);
    return new Map(few.map(({path}, index) => [path, sha256[index]!]));
  };

  return {
    async dependencies(entries) {
      if (cache === undefined || level === undefined || entries.length === 0) return segment('deps', entries);
      const cached = await cachedSegment(entries, {
        cache,
        settings: {level, modifiedAt},
        settling: settlesIn(tree.changedAt),
        recent: () => recent(entries),
        hashed: () => hashed(entries),
        missed,
        breathe,
        signal,
      });
      if (cached.found === undefined) {
        const packed = await segment('deps', entries);
        await cached.keep(packed);
        return packed;
      }
      progress(entries.reduce((sum, entry) => sum + ('size' in entry ? entry.size : 0), 0));
      tell({type: 'archive:cache-used', bytes: cached.found.bytes});
      return held(cached.found);
    },

    app: (entries) => segment('app', entries, TAR_END),

    async manifest(text) {
      const pieces = Array.from(text, (piece) => Buffer.from(piece));
      const size = pieces.reduce((sum, {length}) => sum + length, 0);
      const header = headerOf({path: MANIFEST_NAME, mode: '644', size, stamp: ''});
      const padding = Buffer.alloc((512 - (size % 512)) % 512);
      return held(await writeSegment(inBlocks([header, ...pieces, padding], take), [], at('manifest')));
    },

    [Symbol.dispose]() {
      for (const {descriptor} of open) closeSync(descriptor);
    },
  };
}
