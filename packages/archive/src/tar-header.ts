/** What a 512-byte header says; nothing of it is checked for safety yet. */
export interface TarHeader {
  /** `file`, `folder`, `link`, `pax`, `global-pax`, `long-name`, `long-target`. */
  readonly type: HeaderType;
  readonly name: string;
  readonly target: string;
  readonly mode: number;
  readonly size: number;
}

type HeaderType = 'file' | 'folder' | 'link' | 'pax' | 'global-pax' | 'long-name' | 'long-target';

/** Why a header is no good: the archive is damaged, or holds what no archive of an app needs. */
export class BadTar {
  readonly code: 'ARCHIVE_CORRUPT' | 'ARCHIVE_UNSAFE_ENTRY';
  /** The entry's name, when it has one. */
  readonly name: string | undefined;
  readonly because: string;

  constructor(code: BadTar['code'], because: string, name?: string) {
    this.code = code;
    this.because = because;
    this.name = name;
  }
}

const TYPES: Readonly<Record<string, HeaderType>> = {
  '\0': 'file',
  '0': 'file',
  '2': 'link',
  '5': 'folder',
  x: 'pax',
  g: 'global-pax',
  L: 'long-name',
  K: 'long-target',
};

const REFUSED: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a named pipe',
  '7': 'a contiguous file',
  S: 'a sparse file',
};

/** Text up to its first NUL. What is not UTF-8 becomes U+FFFD, which no name may hold. */
export function decodeText(bytes: Buffer, from = 0, to = bytes.length): string {
  let end = from;
  while (end < to && bytes[end] !== 0) end++;
  return end === from ? '' : bytes.toString('utf8', from, end);
}

/** Reads a header (POSIX ustar or GNU); undefined for a block of zeros. */
export function readHeader(block: Buffer): TarHeader | undefined {
  let sum = 8 * 32; // the sum counts its own field as blanks
  let own = 0;
  for (let index = 0; index < 512; index++) sum += block[index]!;
  for (let index = 148; index < 156; index++) own += block[index]!;
  if (sum === 8 * 32) return undefined;
  sum -= own;
  if (readNumber(block, 148, 8) !== sum) throw new BadTar('ARCHIVE_CORRUPT', 'has a damaged header');
  const magic = block.toString('latin1', 257, 263);
  if (magic !== 'ustar\0' && magic !== 'ustar ')
    throw new BadTar('ARCHIVE_CORRUPT', 'is in an unknown kind of tar');

  const short = decodeText(block, 0, 100);
  const prefix = magic === 'ustar\0' ? decodeText(block, 345, 500) : '';
  const name = prefix === '' ? short : `${prefix}/${short}`;
  const flag = String.fromCharCode(block[156]!);
  const type = TYPES[flag];
  if (type === undefined)
    throw new BadTar(
      'ARCHIVE_UNSAFE_ENTRY',
      `is ${REFUSED[flag] ?? `of unknown type ${JSON.stringify(flag)}`}`,
      name,
    );
  const number = (field: string, at: number, length: number) => {
    const value = readNumber(block, at, length);
    if (value === undefined) throw new BadTar('ARCHIVE_CORRUPT', `has no valid ${field}`, name);
    return value;
  };
  const size = number('size', 124, 12);
  const mode = number('mode', 100, 8);
  const target = decodeText(block, 157, 257);
  // What tar wrote before there was a type for folders.
  const oldFolder = type === 'file' && name.endsWith('/');
  return {type: oldFolder ? 'folder' : type, name, target, mode, size};
}

const BLANK = 0x20;
const ZERO = 0x30;

/** Octal text, or base 256 (GNU) for what does not fit; undefined for anything else, negative or beyond 2^53. */
function readNumber(block: Buffer, at: number, length: number): number | undefined {
  if (block[at] === 0x80) {
    let value = 0;
    for (let index = at + 1; index < at + length; index++) value = value * 256 + block[index]!;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  let from = at;
  let to = at + length;
  while (to > from && (block[to - 1] === 0 || block[to - 1] === BLANK)) to--;
  while (from < to && block[from] === BLANK) from++;
  let value = 0;
  for (; from < to; from++) {
    const digit = block[from]! - ZERO;
    if (digit < 0 || digit > 7) return undefined;
    value = value * 8 + digit;
  }
  return value;
}

/** Records of a pax header, `LENGTH KEY=VALUE LF`. */
export function readPax(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  const damaged = () => new BadTar('ARCHIVE_CORRUPT', 'has a damaged pax header');
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(0x20, at);
    if (blank === -1) throw damaged();
    const digits = bytes.toString('latin1', at, blank);
    const length = /^[1-9]\d{0,7}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    if (end <= blank + 1 || end > bytes.length || bytes[end - 1] !== 0x0a) throw damaged();
    const record = bytes.subarray(blank + 1, end - 1);
    const equals = record.indexOf(0x3d);
    if (equals < 1) throw damaged();
    const key = record.toString('latin1', 0, equals);
    const value = record.subarray(equals + 1);
    // A NUL ends a name for some readers and not for others.
    if ((key === 'path' || key === 'linkpath') && value.includes(0))
      throw new BadTar('ARCHIVE_UNSAFE_ENTRY', 'has a NUL in its name', value.toString('latin1'));
    records.set(key, value.toString('utf8'));
    at = end;
  }
  return records;
}
