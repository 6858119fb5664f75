export interface ElfParts {
  readonly machine: number;
  readonly bits?: 32 | 64;
  readonly endianness?: 'LE' | 'BE';
  /** Shared libraries that it asks for. */
  readonly needed?: readonly string[];
  /** Where the file begins in memory: what links resolve by. */
  readonly address?: number;
}

/** The headers of a shared object, and nothing to run: ELF header, two program headers, dynamic section, strings (elf(5)). */
export function elfFile({machine, bits = 64, endianness = 'LE', needed = [], address = 0}: ElfParts): Buffer {
  const wide = bits === 64;
  const word = bits / 8;
  const headerSize = wide ? 64 : 52;
  const segmentSize = wide ? 56 : 32;
  const dynamicAt = headerSize + 2 * segmentSize;
  const dynamicSize = (needed.length + 2) * 2 * word;
  const stringsAt = dynamicAt + dynamicSize;
  const strings = Buffer.from(`\0${needed.map((name) => `${name}\0`).join('')}`, 'latin1');
  const file = Buffer.concat([Buffer.alloc(stringsAt), strings]);
  const short = (value: number, at: number) =>
    endianness === 'LE' ? file.writeUInt16LE(value, at) : file.writeUInt16BE(value, at);
  const long = (value: number, at: number) =>
    endianness === 'LE' ? file.writeUInt32LE(value, at) : file.writeUInt32BE(value, at);
  const wide64 = (value: number, at: number) =>
    endianness === 'LE' ? file.writeBigUInt64LE(BigInt(value), at) : file.writeBigUInt64BE(BigInt(value), at);
  const address_ = (value: number, at: number) => (wide ? wide64(value, at) : long(value, at));

  file.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, endianness === 'LE' ? 1 : 2, 1]);
  short(3, 16); // a shared object
  short(machine, 18);
  address_(headerSize, wide ? 32 : 28);
  short(segmentSize, wide ? 54 : 42);
  short(2, wide ? 56 : 44);
  const segment = (index: number, type: number, [offset, size]: readonly [number, number]) => {
    const at = headerSize + index * segmentSize;
    long(type, at);
    address_(offset, at + (wide ? 8 : 4));
    address_(address + offset, at + (wide ? 16 : 8));
    address_(size, at + (wide ? 32 : 16));
  };
  segment(0, 1, [0, file.length]);
  segment(1, 2, [dynamicAt, dynamicSize]);
  let nameAt = 1;
  const entries = needed.map((name): [number, number] => {
    const entry: [number, number] = [1, nameAt];
    nameAt += name.length + 1;
    return entry;
  });
  for (const [index, [tag, value]] of [...entries, [5, address + stringsAt] as const].entries()) {
    address_(tag, dynamicAt + index * 2 * word);
    address_(value, dynamicAt + index * 2 * word + word);
  }
  return file;
}
