/** RFC 1952: magic, deflate, no flags, no time, no extra flags, unknown system. The same bytes on every machine. */
export const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** What follows the deflated pieces: an empty last block, the checksum, and the length modulo 2^32. */
export function gzipTail(crc: number, plainBytes: number): Buffer {
  const tail = Buffer.alloc(10);
  tail[0] = 3;
  tail.writeUInt32LE(crc, 2);
  tail.writeUInt32LE(plainBytes % 2 ** 32, 6);
  return tail;
}
