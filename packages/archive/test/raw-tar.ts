// Tar headers written by hand, so that a test can lie in every field.

export interface RawEntry {
  readonly name: string | Buffer;
  /** Default `0`. */
  readonly type?: string | undefined;
  readonly content?: string | Buffer | undefined;
  readonly target?: string | undefined;
  readonly mode?: number | undefined;
  readonly prefix?: string | undefined;
  /** Raw field instead of the content's length. */
  readonly size?: Buffer | string | undefined;
  readonly magic?: string | undefined;
  readonly checksum?: string | undefined;
}

export function rawHeader(entry: RawEntry): Buffer {
  const block = Buffer.alloc(512);
  const put = (value: string | Buffer, at: number) =>
    (typeof value === 'string' ? Buffer.from(value) : value).copy(block, at);
  put(entry.name, 0);
  put(`${(entry.mode ?? 0o644).toString(8).padStart(7, '0')}\0`, 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  const length = Buffer.byteLength(entry.content ?? '');
  put(entry.size ?? `${length.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put(entry.type ?? '0', 156);
  put(entry.target ?? '', 157);
  put(entry.magic ?? 'ustar\u000000', 257);
  put(entry.prefix ?? '', 345);
  block.fill(' ', 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  put(entry.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

export function padded(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

export const END = Buffer.alloc(1024);

/** Entries without the end. */
export function rawEntries(entries: readonly (RawEntry | Buffer)[]): Buffer {
  return Buffer.concat(
    entries.map((entry) =>
      Buffer.isBuffer(entry) ? entry : Buffer.concat([rawHeader(entry), padded(entry.content ?? '')]),
    ),
  );
}

export function rawTar(entries: readonly (RawEntry | Buffer)[]): Buffer {
  return Buffer.concat([rawEntries(entries), END]);
}

/** A pax header; values may be lies, too. */
export function pax(records: Readonly<Record<string, string>>, type = 'x'): RawEntry {
  const content = Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      let length = Buffer.byteLength(rest);
      while (String(length).length + Buffer.byteLength(rest) !== length)
        length = String(length).length + Buffer.byteLength(rest);
      return `${length}${rest}`;
    })
    .join('');
  return {name: 'PaxHeader', type, content};
}
