import {createHash} from 'node:crypto';

export interface PackedObject {
  readonly id: string;
  readonly offset: number;
  /** Of its bytes in the pack. */
  readonly crc: number;
}

const LARGE = 0x8000_0000;

/** The index of a pack, version 2 (gitformat-pack(5)). */
export function packIndex(objects: readonly PackedObject[], checksum: Buffer): Buffer {
  const sorted = objects.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const count = sorted.length;
  const large = sorted.filter(({offset}) => offset >= LARGE).length;
  const index = Buffer.alloc(8 + 1024 + count * 28 + large * 8 + 40);
  index.writeUInt32BE(0xff744f63, 0);
  index.writeUInt32BE(2, 4);
  const upTo = new Uint32Array(256);
  for (const {id} of sorted) upTo[Number.parseInt(id.slice(0, 2), 16)]!++;
  let total = 0;
  for (let first = 0; first < 256; first++) index.writeUInt32BE((total += upTo[first]!), 8 + first * 4);
  const [ids, crcs, offsets, larges] = [1032, 1032 + count * 20, 1032 + count * 24, 1032 + count * 28];
  let far = 0;
  for (const [at, {id, crc, offset}] of sorted.entries()) {
    index.write(id, ids + at * 20, 'hex');
    index.writeUInt32BE(crc, crcs + at * 4);
    if (offset < LARGE) index.writeUInt32BE(offset, offsets + at * 4);
    else {
      index.writeUInt32BE(LARGE + far, offsets + at * 4);
      index.writeBigUInt64BE(BigInt(offset), larges + far++ * 8);
    }
  }
  const end = larges + large * 8;
  checksum.copy(index, end);
  createHash('sha1')
    .update(index.subarray(0, end + 20))
    .digest()
    .copy(index, end + 20);
  return index;
}
