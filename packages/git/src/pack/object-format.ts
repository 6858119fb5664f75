import {createHash, hash} from 'node:crypto';

export type ObjectType = 'commit' | 'tree' | 'blob';

// gitformat-pack(5)
const TYPE: Readonly<Record<ObjectType, number>> = {commit: 1, tree: 2, blob: 3};

/** The hash of what an object file holds: its type and length, then its bytes. */
export function startHash(type: ObjectType, size: number) {
  return createHash('sha1').update(`${type} ${size}\0`);
}

export function idOf(type: ObjectType, bytes: Uint8Array): string {
  return startHash(type, bytes.length).update(bytes).digest('hex');
}

/** Bytes in front of contents where the beginning of what is hashed fits: type and length. */
export const FRAME = 32;

/** The hash of the contents behind the first FRAME bytes of a buffer, which are overwritten: one call instead of four. */
export function idOfFramed(type: ObjectType, framed: Buffer): string {
  const start = `${type} ${framed.length - FRAME}\0`;
  framed.write(start, FRAME - start.length, 'latin1');
  return hash('sha1', framed.subarray(FRAME - start.length));
}

/** Type and size in front of an object in a pack: four bits of the size, then seven at a time. */
export function objectHeader(type: ObjectType, size: number): Buffer {
  const bytes: number[] = [];
  let current = (TYPE[type] << 4) | (size & 15);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(current | 0x80);
    current = rest & 0x7f;
  }
  return Buffer.from([...bytes, current]);
}
