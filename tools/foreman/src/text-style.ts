import type {FormatOptions, LineFormat} from '@keelson/log-tagger';

import {trimLine, wrapLine} from './fit-line.ts';

export interface TextStyle {
  /** Of the longest name. */
  readonly width: number;
  /** Text in front of a name; '' for none. */
  readonly clock: () => string;
  /** A tag whose lines are never cut. */
  readonly whole?: string | undefined;
  /** Characters of a line that are shown; the rest is cut off. */
  readonly trim?: number | undefined;
  /** Characters of a line, of which the rest goes on the next one. */
  readonly wrap?: number | undefined;
}

/**
 * `12:42:00 web.1    | line`, with `!` in place of `|` for stderr, as all of the Procfile runners but the mark do it.
 * In colour everything up to the line has the colour of the name (as honcho does it), and the mark is red.
 */
export function textStyle(style: TextStyle): (options: FormatOptions) => LineFormat {
  return (options) => {
    const prefix = prefixOf(style, options);
    const {fit} = style.wrap
      ? {fit: wrapping(style.wrap)}
      : {fit: style.trim && options.tag !== style.whole ? trimming(style.trim) : undefined};
    return {
      lines(block) {
        const {text, replacement} = prefix();
        if (fit !== undefined)
          return block
            .split('\n')
            .map((line) => fit(line, text))
            .join('');
        // A literal pattern is searched and copied in V8's C++: no JavaScript runs for a line.
        return `${text}${block.replaceAll('\n', replacement)}\n`;
      },
      piece: (text, more) => `${prefix().text}${text}${more ? ' [cut]' : ''}\n`,
    };
  };
}

function prefixOf({width, clock}: TextStyle, {tag, kind, color}: FormatOptions) {
  const name = toBytes(tag.padEnd(width));
  let last: string | undefined;
  let text = '';
  let replacement = '';
  return () => {
    const time = clock();
    if (time !== last) {
      last = time;
      text = paint(`${time}${time === '' ? '' : ' '}${name} `, kind, color);
      replacement = `\n${text}`.replaceAll('$', '$$$$'); // `$` is special in a replacement
    }
    return {text, replacement};
  };
}

function paint(before: string, kind: 'out' | 'err', color: string | undefined): string {
  if (color === undefined) return `${before}${kind === 'err' ? '!' : '|'} `;
  const mark = kind === 'err' ? '\u001b[31m! ' : '| ';
  return `\u001b[0m\u001b[${color}m${before}${mark}\u001b[0m`;
}

type Fit = (line: string, prefix: string) => string;

const trimming =
  (width: number): Fit =>
  (line, prefix) =>
    `${prefix}${onText(line, (text) => [trimLine(text, width)])[0]}\n`;

const wrapping =
  (width: number): Fit =>
  (line, prefix) =>
    onText(line, (text) => wrapLine(text, width))
      .map((piece, index) => `${prefix}${index === 0 ? '' : ' > '}${piece}\n`)
      .join('');

/** Bytes, one character each, as text and back; without any beyond ASCII both are the same. */
function onText(line: string, change: (text: string) => string[]): string[] {
  // oxlint-disable-next-line no-control-regex
  if (!/[\x80-\xff]/.test(line)) return change(line).map(toBytes);
  return change(Buffer.from(line, 'latin1').toString('utf8')).map(toBytes);
}

function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
