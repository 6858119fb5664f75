import type {StattedEntry} from '../stat-tree.ts';

/** The folder that every entry lies in, as in npm's tarballs: npm and pnpm can install an archive. */
const TOP_FOLDER = 'package';

const MODES = {folder: '0000755', link: '0000777', '644': '0000644', '755': '0000755'} as const;
const FLAGS = {folder: '5', link: '2', '644': '0', '755': '0'} as const;
const PLAIN = /^[\u0020-\u007e]*$/;
/** What eleven octal digits hold; a file beyond it needs a pax record. */
const SIZE_LIMIT = 8 ** 11;

/** Headers that are alike but for name, mode, size and type. */
export type HeaderOf = (entry: StattedEntry) => Uint8Array;

/**
 * Makes the headers of entries below `package/`: POSIX ustar, and a pax header before what does not fit. No owner, no device, one time
 * for all. Written here and not by a library, because a library's next version may write other bytes for the same tree.
 * The bytes are good until the next call.
 */
export function createHeaders(modifiedAt: number): HeaderOf {
  const template = Buffer.alloc(512);
  template.write('0000000\0'.repeat(2), 108, 'latin1'); // uid, gid
  template.write(octal(modifiedAt, 11), 136, 'latin1');
  template.write('ustar\u000000', 257, 'latin1');
  const block = Buffer.alloc(512);

  const write = (name: string, prefix: string, mode: string, size: number, flag: string, target = '') => {
    template.copy(block);
    block.write(name, 0, 100);
    block.write(mode, 100, 'latin1');
    block.write(octal(size, 11), 124, 'latin1');
    block.write(flag, 156, 'latin1');
    block.write(target, 157, 100);
    block.write(prefix, 345, 155);
    let sum = 8 * 32; // its own field counts as blanks
    for (let index = 0; index < 512; index++) sum += block[index]!;
    block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
    return block;
  };

  return (entry) => {
    const path = `${TOP_FOLDER}/${entry.path}${entry.mode === 'folder' ? '/' : ''}`;
    const size = 'size' in entry ? entry.size : 0;
    const target = entry.mode === 'link' ? entry.target : '';
    const {name, prefix} = splitName(path);
    const records = [
      name === undefined ? record('path', path) : '',
      target !== '' && !fits(target) ? record('linkpath', target) : '',
      size >= SIZE_LIMIT ? record('size', String(size)) : '',
    ].join('');
    const header = () =>
      write(
        name ?? cut(path),
        prefix,
        MODES[entry.mode],
        size < SIZE_LIMIT ? size : 0,
        FLAGS[entry.mode],
        fits(target) ? target : cut(target),
      );
    if (records === '') return header();
    const body = Buffer.from(records);
    const whole = Buffer.alloc(512 + Math.ceil(body.length / 512) * 512 + 512);
    whole.set(write('PaxHeader', '', MODES['644'], body.length, 'x'), 0);
    whole.set(body, 512);
    whole.set(header(), whole.length - 512);
    return whole;
  };
}

/** A path of up to 255 bytes goes into two fields, divided at a slash. No name: it needs pax. */
function splitName(path: string): {readonly name: string | undefined; readonly prefix: string} {
  if (!PLAIN.test(path)) return {name: undefined, prefix: ''};
  if (path.length <= 100) return {name: path, prefix: ''};
  const slash = path.indexOf('/', path.length - 101);
  if (slash === -1 || slash > 155 || slash === path.length - 1) return {name: undefined, prefix: ''};
  return {name: path.slice(slash + 1), prefix: path.slice(0, slash)};
}

function fits(target: string): boolean {
  return target.length <= 100 && PLAIN.test(target);
}

/** What a reader without pax gets to see. */
function cut(path: string): string {
  return path.replace(/[^\u0020-\u007e]/g, '_').slice(-100);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** `LENGTH KEY=VALUE LF`, where LENGTH counts itself. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length !== length) length = bytes + String(length).length;
  return `${length}${rest}`;
}
