import {droppedWords, toLatin1, type Fields, type FormatOptions, type LineFormat} from '../line-format.ts';
import {newlineFrame, octetFrame} from './frames.ts';
import {severityOf, WARNING} from './severity.ts';
import {FACILITIES, type StructuredData, type SyslogFields} from './syslog-spec.ts';

export interface SyslogFormatOptions extends SyslogFields {
  readonly hostname: string;
  readonly length: number;
  readonly framing: 'octet' | 'newline';
  readonly now: () => number;
}

const MARKER = ' [cut]';
const MIN_PIECE = 64;
const NO_SD_NAME = /[^!#-<>-\\^-~]/g;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Each line as a framed syslog message. The message is MSG-ANY, without a byte order mark: any bytes may be in it. */
export function syslogFormat(options: SyslogFormatOptions): (source: FormatOptions) => LineFormat {
  const {framing, facility = 'user', format = 'rfc5424', length} = options;
  const frame = framing === 'octet' ? octetFrame : newlineFrame;
  const base = FACILITIES.indexOf(facility) * 8;
  return (source) => {
    const header = format === 'rfc5424' ? header5424(options, source) : header3164(options, source);
    const framed = (severity: number, text: string, head: string): string => {
      const start = `<${base + severity}>${head}`;
      const room = length - start.length;
      if (text.length <= room) return frame(start + text);
      return pieces(text, Math.max(room, MIN_PIECE))
        .map((piece) => frame(start + piece))
        .join('');
    };
    const message = (text: string, head: string) => framed(severityOf(text, source.kind), text, head);
    const part = (text: string, more: boolean) => message(more ? text + MARKER : text, header());
    return {
      lines(block) {
        const head = header();
        if (!block.includes('\n')) return message(block, head);
        let out = '';
        for (const line of block.split('\n')) out += message(line, head);
        return out;
      },
      piece: part,
      record: part,
      dropped: (count) => framed(WARNING, `[keelson] ${droppedWords(count)}`, header()),
    };
  };
}

/** `1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA ` (RFC 5424 §6). */
function header5424({hostname, app, sd, now}: SyslogFormatOptions, source: FormatOptions): () => string {
  const names = [
    printable(hostname, 255),
    printable(app ?? source.tag, 48),
    printable(String(source.fields?.['pid'] ?? ''), 128),
    app === undefined ? '-' : printable(source.tag, 32),
    sd ? structuredData(sd, source.fields) : '-',
  ].join(' ');
  return textOf(now, (time) => `1 ${new Date(time).toISOString()} ${names} `);
}

/** `Mmm dd hh:mm:ss HOSTNAME TAG[PID]: ` (RFC 3164 §4.1), in local time. */
function header3164({hostname, app, now}: SyslogFormatOptions, source: FormatOptions): () => string {
  const pid = source.fields?.['pid'];
  const tag = printable(app ?? source.tag, 32).replaceAll(/[[\]:]/g, '_');
  const name = pid === undefined ? tag : `${tag}[${printable(String(pid), 128)}]`;
  return textOf(now, (time) => {
    const date = new Date(time);
    const day = String(date.getDate()).padStart(2);
    return `${MONTHS[date.getMonth()]} ${day} ${date.toTimeString().slice(0, 8)} ${printable(hostname, 255)} ${name}: `;
  });
}

/** Made anew only when the millisecond has changed. */
function textOf(now: () => number, make: (time: number) => string): () => string {
  let last = Number.NaN;
  let text = '';
  return () => {
    const time = now();
    if (time !== last) text = make((last = time));
    return text;
  };
}

/** PRINTUSASCII without blanks, `-` for nothing. */
function printable(text: string, max: number): string {
  return text.replaceAll(/[^!-~]/g, '_').slice(0, max) || '-';
}

/** RFC 5424 §6.3.3: a value escapes `"`, `\` and `]`, and is UTF-8. The source's fields but pid come along. */
function structuredData({id, params = {}}: StructuredData, fields: Fields = {}): string {
  const own = Object.entries(fields).filter(([name]) => name !== 'pid');
  const escaped = [...own, ...Object.entries(params)].map(
    ([name, value]) =>
      ` ${name.replaceAll(NO_SD_NAME, '_').slice(0, 32)}="${toLatin1(String(value)).replaceAll(/["\\\]]/g, String.raw`\$&`)}"`,
  );
  return `[${id}${escaped.join('')}]`;
}

/** A line in parts of up to `max` bytes, never cut inside of a UTF-8 character; all but the last end with ` [cut]`. */
function pieces(line: string, max: number): string[] {
  const parts: string[] = [];
  let start = 0;
  while (line.length - start > max) {
    let end = start + max - MARKER.length;
    for (let back = 0; back < 3 && (line.charCodeAt(end) & 0xc0) === 0x80; back++) end--;
    parts.push(line.slice(start, end) + MARKER);
    start = end;
  }
  return [...parts, line.slice(start)];
}
