import {toLatin1, type FormatOptions, type LineFormat} from '../line-format.ts';

/** `<time> <tag> <line>`; a cut line ends with ` [cut]`. */
export function textFormat({tag, now, color}: FormatOptions): LineFormat {
  const colored = color === undefined || tag === '' ? tag : `\u001b[${color}m${tag}\u001b[0m`;
  const tagged = toLatin1(tag === '' ? '' : `${colored} `);
  const prefix = () => {
    const time = now();
    return time === '' ? tagged : `${time} ${tagged}`;
  };
  return {
    lines(block) {
      const before = prefix();
      // A literal pattern is searched and copied in V8's C++: no JavaScript runs for a line. `$` is special in a replacement.
      return `${before}${block.replaceAll('\n', `\n${before}`.replaceAll('$', '$$$$'))}\n`;
    },
    piece: (text, more) => `${prefix()}${text}${more ? ' [cut]' : ''}\n`,
  };
}
