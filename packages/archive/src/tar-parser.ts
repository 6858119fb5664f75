import {BadTar, decodeText, readHeader, readPax, type TarHeader} from './tar-header.ts';

/** An entry as the tar has it: its name may be anything. */
export interface TarEntry {
  readonly kind: 'file' | 'folder' | 'link';
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  readonly target: string;
}

export interface TarConsumer {
  entry(entry: TarEntry): void;
  /** Bytes of the last entry. */
  bytes(chunk: Buffer): void;
  /** The last entry is complete. */
  complete(): void;
}

export interface TarParser {
  /** Takes the next bytes of the tar. Throws BadTar, or what the consumer throws. */
  push(chunk: Buffer): void;
  /** The tar is over. Throws BadTar when it should not be. */
  end(): void;
}

const META_BYTES = 1024 * 1024;
const PADDING_BYTES = 1024 * 1024;

/**
 * Reads a tar, and refuses what others pass over: a missing end, whatever comes after the end (another reader would see other
 * entries), sizes that are no numbers, hard links, devices, pipes, sparse files. Knows ustar, pax and GNU's long names.
 */
export function createTarParser(consumer: TarConsumer): TarParser {
  let rest: Buffer = Buffer.alloc(0);
  let left = 0; // bytes of the body that are still to come
  let padding = 0;
  let zeros = 0; // blocks of zeros; two are the end
  let meta: {readonly header: TarHeader; readonly chunks: Buffer[]} | undefined;
  let override: {path?: string | undefined; linkpath?: string | undefined; size?: string | undefined} = {};

  const header = (block: Buffer): void => {
    const read = readHeader(block);
    if (read === undefined) {
      zeros++;
      if (zeros === 1 && Object.keys(override).length > 0)
        throw new BadTar('ARCHIVE_CORRUPT', 'ends with a header that nothing follows');
      return;
    }
    if (zeros > 0)
      throw new BadTar('ARCHIVE_CORRUPT', zeros === 1 ? 'has a gap' : 'goes on after its end', read.name);
    if (read.type !== 'file' && read.type !== 'folder' && read.type !== 'link') {
      if (read.size > META_BYTES) throw new BadTar('ARCHIVE_CORRUPT', 'has too large a header', read.name);
      meta = {header: read, chunks: []};
      body(read.size);
      return;
    }
    const entry = entryOf(read);
    consumer.entry(entry);
    body(entry.size);
  };

  const entryOf = (read: TarHeader): TarEntry => {
    const name = override.path ?? read.name;
    const {size: digits} = override;
    if (digits !== undefined && !/^\d{1,15}$/.test(digits))
      throw new BadTar('ARCHIVE_CORRUPT', 'has no valid size', name);
    const size = digits === undefined ? read.size : Number(digits);
    const target = override.linkpath ?? read.target;
    override = {};
    const kind = read.type as TarEntry['kind'];
    if (kind !== 'file' && size > 0) throw new BadTar('ARCHIVE_CORRUPT', `is a ${kind} with content`, name);
    return {kind, name, mode: read.mode, size, target};
  };

  const body = (size: number): void => {
    left = size;
    padding = (512 - (size % 512)) % 512;
    if (left === 0) bodyEnded();
  };

  const bodyEnded = (): void => {
    if (meta === undefined) return consumer.complete();
    const {
      header: {type},
      chunks,
    } = meta;
    meta = undefined;
    const bytes = Buffer.concat(chunks);
    if (type === 'long-name') override.path = decodeText(bytes);
    else if (type === 'long-target') override.linkpath = decodeText(bytes);
    else apply(readPax(bytes), type === 'global-pax');
  };

  const apply = (records: Map<string, string>, global: boolean): void => {
    for (const [key, value] of records) {
      if (key.startsWith('GNU.sparse.')) {
        const name = records.get('GNU.sparse.name') ?? records.get('path') ?? override.path;
        throw new BadTar('ARCHIVE_UNSAFE_ENTRY', 'is a sparse file', name);
      }
      if (key !== 'path' && key !== 'linkpath' && key !== 'size') continue;
      if (global) throw new BadTar('ARCHIVE_CORRUPT', `sets the ${key} of every entry`);
      override[key] = value;
    }
  };

  const take = (chunk: Buffer, at: number): number => {
    if (left > 0) {
      const part = chunk.subarray(at, at + left);
      left -= part.length;
      if (meta === undefined) consumer.bytes(part);
      else meta.chunks.push(Buffer.from(part));
      if (left === 0) bodyEnded();
      return part.length;
    }
    if (padding > 0) {
      const skipped = Math.min(padding, chunk.length - at);
      padding -= skipped;
      return skipped;
    }
    if (rest.length > 0 || chunk.length - at < 512) {
      const part = chunk.subarray(at, at + 512 - rest.length);
      rest = Buffer.concat([rest, part]);
      if (rest.length < 512) return part.length;
      const block = rest;
      rest = Buffer.alloc(0);
      header(block);
      return part.length;
    }
    header(chunk.subarray(at, at + 512));
    return 512;
  };

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length;) {
        at += take(chunk, at);
        if (zeros * 512 > PADDING_BYTES) throw new BadTar('ARCHIVE_CORRUPT', 'goes on after its end');
      }
    },
    end() {
      if (left > 0 || padding > 0 || rest.length > 0 || zeros < 2)
        throw new BadTar(
          'ARCHIVE_CORRUPT',
          zeros === 0 || rest.length > 0 ? 'is cut off' : 'has no proper end',
        );
    },
  };
}
