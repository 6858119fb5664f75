import {createHash, randomBytes} from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {crc32, createDeflate, deflate, deflateSync} from 'node:zlib';
import {syncDirectory} from '@keelson/atomic-fs';
import {idOf, objectHeader, type ObjectType} from './object-format.ts';
import {packIndex, type PackedObject} from './pack-index.ts';

const LEVEL = 1;
const BATCH = 1024 * 1024;
/** Above this a thread of the pool compresses; below, handing it over costs more than doing it. */
export const SMALL = 16 * 1024;
const WAITING = 8;

const compress = promisify(deflate);

/** For what comes out of the compressor in one piece: with as little as Node gives it by itself, it is called for each 16 KiB. */
function roomFor(size: number): number {
  return Math.min(size + (size >> 4) + 64, BATCH);
}

export interface Pack {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly objects: number;
}

/**
 * Writes objects into one new pack of a repository, and its index. Nothing of it counts before `finish`; `discard` removes it.
 * Whole objects, no deltas: a first push has nothing to be a delta to, and later ones send what changed.
 */
export class PackWriter {
  readonly #folder: string;
  readonly #temporary: string;
  readonly #file: number;
  readonly #known: (id: string) => boolean;
  readonly #packed: PackedObject[] = [];
  readonly #seen = new Set<string>();
  #waiting: {id: string; type: ObjectType; size: number; packed: Promise<Buffer>}[] = [];
  #batch: Buffer[] = [];
  #batched = 0;
  #offset = 0;

  /** @param known objects that the repository has and that are not written again */
  constructor(gitDir: string, known: (id: string) => boolean) {
    this.#folder = join(gitDir, 'objects/pack');
    this.#known = known;
    mkdirSync(this.#folder, {recursive: true});
    // git's own name for what gc may remove when it is old.
    this.#temporary = join(this.#folder, `tmp_pack_${randomBytes(8).toString('hex')}`);
    this.#file = openSync(this.#temporary, 'wx+', 0o444);
    this.#put(Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1')); // the count comes at the end
  }

  /** Adds an object unless it is there already; its hash. Up to SMALL bytes are not looked at later. */
  async add(type: ObjectType, bytes: Buffer, id = idOf(type, bytes)): Promise<string> {
    if (!this.#isNew(id)) return id;
    const size = bytes.length;
    if (size <= SMALL) {
      const [windowBits, memLevel] = size < 2048 ? [11, 5] : [15, 8];
      const chunkSize = roomFor(size);
      this.#emit({id, type, size}, [deflateSync(bytes, {level: LEVEL, windowBits, memLevel, chunkSize})]);
    } else {
      this.#waiting.push({id, type, size, packed: compress(bytes, {level: LEVEL, chunkSize: roomFor(size)})});
      if (this.#waiting.length > WAITING) await this.#settle(1);
    }
    return id;
  }

  /** Adds a blob of which no more than a piece is held; `pieces` has the whole of it each time it is called. */
  async addLarge(id: string, size: number, pieces: () => Iterable<Buffer>): Promise<void> {
    if (!this.#isNew(id)) return;
    const start = this.#offset;
    const header = objectHeader('blob', size);
    let crc = crc32(header);
    this.#put(header);
    const deflating = createDeflate({level: LEVEL});
    deflating.on('data', (part: Buffer) => {
      crc = crc32(part, crc);
      this.#put(part);
    });
    const ended = new Promise<void>((resolve, reject) =>
      deflating.once('end', resolve).once('error', reject),
    );
    for (const piece of pieces())
      if (!deflating.write(piece)) await new Promise<void>((resolve) => deflating.once('drain', resolve));
    deflating.end();
    await ended;
    this.#packed.push({id, offset: start, crc});
  }

  /** Completes pack and index and makes both durable. */
  async finish(): Promise<Pack> {
    await this.#settle(this.#waiting.length);
    this.#flush();
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.#packed.length);
    writeSync(this.#file, count, 0, 4, 8);
    const checksum = this.#checksum();
    writeSync(this.#file, checksum, 0, 20, this.#offset);
    fsyncSync(this.#file);
    closeSync(this.#file);
    const base = join(this.#folder, `pack-${checksum.toString('hex')}`);
    const index = `${this.#temporary}.idx`;
    writeFileSync(index, packIndex(this.#packed, checksum), {flag: 'wx', mode: 0o444, flush: true});
    renameSync(this.#temporary, `${base}.pack`);
    renameSync(index, `${base}.idx`); // last: git looks for packs by their index
    await syncDirectory(this.#folder);
    return {path: `${base}.pack`, bytes: this.#offset + 20, objects: this.#packed.length};
  }

  async discard(): Promise<void> {
    await Promise.allSettled(this.#waiting.map(({packed}) => packed));
    closeSync(this.#file);
    rmSync(this.#temporary, {force: true});
  }

  #isNew(id: string): boolean {
    if (this.#seen.has(id) || this.#known(id)) return false;
    this.#seen.add(id);
    return true;
  }

  async #settle(count: number): Promise<void> {
    for (const one of this.#waiting.splice(0, count)) this.#emit(one, [await one.packed]);
  }

  #emit({id, type, size}: {id: string; type: ObjectType; size: number}, parts: readonly Buffer[]): void {
    const offset = this.#offset;
    let crc = 0;
    for (const part of [objectHeader(type, size), ...parts]) {
      crc = crc32(part, crc);
      this.#put(part);
    }
    this.#packed.push({id, offset, crc});
  }

  #put(bytes: Buffer): void {
    this.#batch.push(bytes);
    this.#batched += bytes.length;
    this.#offset += bytes.length;
    if (this.#batched >= BATCH) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#batch, this.#batched);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    this.#batch = [];
    this.#batched = 0;
  }

  /** Of all that was written, read once more: the count stands in front. */
  #checksum(): Buffer {
    const hash = createHash('sha1');
    const buffer = Buffer.allocUnsafe(BATCH);
    for (let at = 0; at < this.#offset;) {
      const count = readSync(this.#file, buffer, 0, Math.min(BATCH, this.#offset - at), at);
      hash.update(buffer.subarray(0, count));
      at += count;
    }
    return hash.digest();
  }
}
