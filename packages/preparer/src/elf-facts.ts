import {open, type FileHandle} from 'node:fs/promises';

/** What the header of an ELF file says about where it can be loaded. */
export interface ElfFacts {
  /** Number of the architecture: `e_machine` of elf(5). */
  readonly machine: number;
  readonly bits: 32 | 64;
  readonly endianness: 'LE' | 'BE';
  /** Shared libraries that it asks for (DT_NEEDED); undefined when that part cannot be read. */
  readonly needed: readonly string[] | undefined;
}

interface Reader {
  readonly file: FileHandle;
  readonly bits: 32 | 64;
  readonly little: boolean;
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const MAX_SEGMENTS = 1000;
const MAX_DYNAMIC_BYTES = 256 * 1024;
const MAX_NAME_BYTES = 256;

/** Reads a few hundred bytes of a file, however large it is; undefined when it is no ELF file. Layouts: elf(5). */
export async function readElf(path: string): Promise<ElfFacts | undefined> {
  const file = await open(path, 'r');
  try {
    const header = await readAt(file, 0, 64);
    if (header.length < 52 || header.readUInt32BE(0) !== 0x7f454c46) return undefined;
    const bits = header[4] === 2 ? 64 : 32;
    const little = header[5] === 1;
    const reader = {file, bits, little} as const;
    const machine = little ? header.readUInt16LE(18) : header.readUInt16BE(18);
    const needed = await readNeeded(reader, header).catch(() => undefined);
    return {machine, bits, endianness: little ? 'LE' : 'BE', needed};
  } finally {
    await file.close();
  }
}

async function readNeeded(reader: Reader, header: Buffer): Promise<string[] | undefined> {
  const segments = await readSegments(reader, header);
  const dynamic = segments.find(({type}) => type === PT_DYNAMIC);
  if (dynamic === undefined || dynamic.size > MAX_DYNAMIC_BYTES) return undefined;
  const width = reader.bits / 8;
  const bytes = await readAt(reader.file, dynamic.offset, dynamic.size);
  const entries: {tag: number; value: number}[] = [];
  for (let at = 0; at + 2 * width <= bytes.length; at += 2 * width)
    entries.push({tag: wordAt(reader, bytes, at), value: wordAt(reader, bytes, at + width)});
  const strings = entries.find(({tag}) => tag === DT_STRTAB);
  const loaded = segments.find(
    ({type, address, size}) =>
      type === PT_LOAD && strings !== undefined && address <= strings.value && strings.value < address + size,
  );
  if (strings === undefined || loaded === undefined) return undefined;
  const table = strings.value - loaded.address + loaded.offset;
  const names = entries.filter(({tag}) => tag === DT_NEEDED);
  return Promise.all(names.map(({value}) => nameAt(reader.file, table + value)));
}

async function readSegments(reader: Reader, header: Buffer): Promise<Segment[]> {
  const wide = reader.bits === 64;
  const start = wordAt(reader, header, wide ? 32 : 28);
  const size = shortAt(reader, header, wide ? 54 : 42);
  const count = Math.min(shortAt(reader, header, wide ? 56 : 44), MAX_SEGMENTS);
  const bytes = await readAt(reader.file, start, size * count);
  return Array.from({length: count}, (_, index) => {
    const at = index * size;
    const [offset, address, length] = wide ? [8, 16, 32] : [4, 8, 16];
    return {
      type: reader.little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at),
      offset: wordAt(reader, bytes, at + offset),
      address: wordAt(reader, bytes, at + address),
      size: wordAt(reader, bytes, at + length),
    };
  });
}

async function nameAt(file: FileHandle, position: number): Promise<string> {
  const bytes = await readAt(file, position, MAX_NAME_BYTES);
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end);
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const {buffer, bytesRead} = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function wordAt({bits, little}: Reader, bytes: Buffer, at: number): number {
  if (bits === 32) return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  return Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
}

function shortAt({little}: Reader, bytes: Buffer, at: number): number {
  return little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}
