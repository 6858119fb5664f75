import {isUtf8} from 'node:buffer';

import {toLatin1, type FormatOptions, type LineFormat} from '../line-format.ts';

// RFC 3629 §4, byte by byte; what matches none of it is the group.
const CHARACTER_OR_BYTE =
  // oxlint-disable-next-line no-control-regex
  /[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|([\x80-\xff])/g;
// util.inspect's `{ a: 1 }` looks like an object too, hence the quote. Blanks around are JSON's.
const OBJECT = /^[ \t]*\{[ \t]*(?:"|\})/;
const OBJECT_END = /\}[ \t\r]*$/;

/**
 * One JSON object a line. A line that is an object keeps its text and gets our fields in front, so that a field of its own
 * with the same name wins in JSON.parse; any other line becomes `msg`.
 */
export function jsonFormat({tag, kind, now}: FormatOptions): LineFormat {
  const fields = () => {
    const time = now();
    return [
      ...(tag === '' ? [] : [`"tag":${toLatin1(JSON.stringify(tag))}`]),
      ...(time === '' ? [] : [`"time":"${time}"`]),
      ...(kind === 'err' ? ['"stream":"err"'] : []),
    ].join(',');
  };
  return {
    lines(block) {
      const before = fields();
      return (
        spliceAll(block, before) ??
        block
          .split('\n')
          .map((line) => one(line, before))
          .join('')
      );
    },
    piece: (text, more) => wrap(text, [fields(), more ? '"cut":true' : '']),
  };
}

/** The usual case, without JavaScript for a line: every line is an object that starts with `{"`. Else undefined. */
function spliceAll(block: string, before: string): string | undefined {
  if (before === '' || !block.startsWith('{"') || !block.endsWith('}')) return undefined;
  const spliced = block.replaceAll('}\n{"', `}\n{${before},"`.replaceAll('$', '$$$$'));
  const seams = (spliced.length - block.length) / (before.length + 1);
  if (seams !== countNewlines(block)) return undefined;
  return `{${before},${spliced.slice(1)}\n`;
}

function countNewlines(block: string): number {
  let count = 0;
  for (let at = block.indexOf('\n'); at >= 0; at = block.indexOf('\n', at + 1)) count++;
  return count;
}

function one(line: string, before: string): string {
  if (!OBJECT.test(line) || !OBJECT_END.test(line)) return wrap(line, [before]);
  if (before === '') return `${line}\n`;
  const rest = line.slice(line.indexOf('{') + 1);
  return `{${before}${/^[ \t]*\}/.test(rest) ? '' : ','}${rest}\n`;
}

function wrap(line: string, before: readonly string[]): string {
  return `{${[...before, `"msg":${quote(line)}`].filter((field) => field !== '').join(',')}}\n`;
}

/** JSON escapes `"`, `\` and control characters alone, so it may be done on bytes. A byte that is not UTF-8 becomes the text `\xff`. */
function quote(line: string): string {
  // oxlint-disable-next-line no-control-regex
  if (!/[\x80-\xff]/.test(line) || isUtf8(Buffer.from(line, 'latin1'))) return JSON.stringify(line);
  const escape = (text: string, byte: string | undefined) =>
    byte === undefined ? text : `\\x${byte.charCodeAt(0).toString(16)}`;
  return JSON.stringify(line.replace(CHARACTER_OR_BYTE, escape));
}
