import {droppedWords, toLatin1, type Fields, type FormatOptions, type LineFormat} from '../line-format.ts';

/** `<time> <tag> <name>=<value> <line>`; a line that was cut ends with ` [cut]`. */
export function textFormat({tag, fields = {}, now, color, records = 'joined'}: FormatOptions): LineFormat {
  const colored = color === undefined || tag === '' ? tag : `\u001b[${color}m${tag}\u001b[0m`;
  const fixed = toLatin1([colored, ...fieldTexts(fields)].filter((part) => part !== '').join(' '));
  const prefix = () => [now(), fixed, ''].filter((part, index) => part !== '' || index === 2).join(' ');
  const lines = (block: string) => {
    const before = prefix();
    // A literal pattern is searched and copied in V8's C++: no JavaScript runs for a line. `$` is special in a replacement.
    return `${before}${block.replaceAll('\n', `\n${before}`.replaceAll('$', '$$$$'))}\n`;
  };
  const joined = (text: string) => (records === 'kept' ? text : text.replaceAll('\n', '\\n'));
  return {
    lines,
    piece: (text, more) => lines(text + (more ? ' [cut]' : '')),
    record: (text, more) => lines(joined(text) + (more ? ' [cut]' : '')),
    dropped: (count) => lines(`[keelson] ${droppedWords(count)}`),
  };
}

/** As logfmt writes them: quoted where a value would be torn otherwise. */
function fieldTexts(fields: Fields): string[] {
  return Object.entries(fields).map(([name, value]) => {
    const text = String(value);
    // oxlint-disable-next-line no-control-regex
    return `${name}=${text === '' || /[\s"=\0-\x1f\x7f]/.test(text) ? JSON.stringify(text) : text}`;
  });
}
