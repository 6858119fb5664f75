import {levelOf} from '../level.ts';
import {toLatin1, type FormatOptions, type LineFormat} from '../line-format.ts';
import {escapeBytes, isUtf8Text} from './escape-bytes.ts';
import {endOfRun, objectRun} from './object-run.ts';

/** What our fields may not be called: these say something of the line. */
export const RESERVED = ['tag', 'time', 'timestamp', 'level', 'stream', 'msg', 'cut', 'dropped'];

// What loggers call the time: where a line has one of these, it gets none of ours.
const TIMES = ['time', 'timestamp', '@timestamp', 'ts'];
// util.inspect's `{ a: 1 }` looks like an object too, hence the quote. Blanks around are JSON's.
const OBJECT = /^[ \t]*\{[ \t]*(?:"|\})/;
const OBJECT_END = /\}[ \t\r]*$/;
// An app's lines have few shapes; one that makes up ever new ones is not learned.
const MAX_SHAPES = 16;

interface Field {
  /** Without it, because the line has one of these. */
  readonly names: readonly string[];
  /** `"name":value`, '' for none. */
  readonly text: () => string;
}

/** Lines that have the same of our fields already, in the same order. */
interface Shape {
  readonly run: RegExp;
  readonly fields: readonly Field[];
}

/**
 * One JSON object a line. A line that is an object keeps its text, and gets those of our fields in front that it has not itself;
 * any other line becomes `msg`.
 */
export function jsonFormat(options: FormatOptions): LineFormat {
  const fields = ourFields(options);
  const names = fields.flatMap((field) => field.names);
  const shapes = new Map<string, Shape>();
  let current: Shape | undefined;

  const shapeOf = (keys: readonly string[]): Shape => {
    const present = keys.filter((key) => names.includes(key));
    const id = present.join(',');
    const known = shapes.get(id);
    if (known) return known;
    const missing = fields.filter((field) => !field.names.some((name) => present.includes(name)));
    const shape = {run: shapes.size < MAX_SHAPES ? objectRun(present, names) : /$^/y, fields: missing};
    if (shapes.size < MAX_SHAPES) shapes.set(id, shape);
    return shape;
  };

  const lines = (block: string): string => {
    const text = `${block}\n`;
    const utf8 = isUtf8Text(text);
    let out = '';
    for (let at = 0, end = 0; at < text.length; at = end) {
      if (current && utf8) end = endOfRun(current.run, text, at);
      if (current && end > at) {
        out += splice(text.slice(at, end), current.fields);
        continue;
      }
      end = text.indexOf('\n', at) + 1;
      const line = text.slice(at, end - 1);
      const object = parseObject(utf8 ? line : escapeBytes(line, '\\\\'));
      if (object === undefined) {
        out += wrap(line, [...texts(fields), levelField(line)]);
        continue;
      }
      // This line says what those after it look like.
      current = shapeOf(object.keys);
      out += spliceOne(object.text, current.fields);
    }
    return out;
  };

  const whole = (text: string, cut: boolean): string =>
    wrap(text, [...texts(fields), cut ? '"cut":true' : '']);

  return {
    lines,
    piece: whole,
    record: (text, more) => wrap(text, [...texts(fields), levelField(text), more ? '"cut":true' : '']),
    dropped: (count) =>
      wrap(`dropped ${count} ${count === 1 ? 'line' : 'lines'}`, [
        ...texts(fields),
        '"level":"warn"',
        `"dropped":${count}`,
      ]),
  };
}

function ourFields({tag, tags = [tag], kind, fields = {}, now}: FormatOptions): Field[] {
  const field = (name: string, value: unknown): Field => {
    const text = `"${name}":${toLatin1(JSON.stringify(value))}`;
    return {names: [name], text: () => text};
  };
  const time = (): string => {
    const text = now();
    if (text === '') return '';
    return `"time":${text.endsWith('Z') ? `"${text}"` : text}`;
  };
  return [
    ...(tag === '' ? [] : [field('tag', tags.length === 1 ? tag : tags)]),
    {names: TIMES, text: time},
    ...(kind === 'err' ? [field('stream', 'err')] : []),
    ...Object.entries(fields).map(([name, value]) => field(name, value)),
  ];
}

function texts(fields: readonly Field[]): string[] {
  return fields.map((field) => field.text());
}

function joined(fields: readonly Field[]): string {
  return texts(fields)
    .filter((text) => text !== '')
    .join(',');
}

/** Lines that all begin with `{"`, each with its newline. No newline is anywhere else: JSON escapes it. */
function splice(run: string, fields: readonly Field[]): string {
  const before = joined(fields);
  if (before === '') return run;
  return `{${before},${run.slice(1).replaceAll('\n{', `\n{${before},`.replaceAll('$', '$$$$'))}`;
}

function spliceOne(line: string, fields: readonly Field[]): string {
  const before = joined(fields);
  if (before === '') return `${line}\n`;
  const rest = line.slice(line.indexOf('{') + 1);
  return `{${before}${/^[ \t]*\}/.test(rest) ? '' : ','}${rest}\n`;
}

/** The line, when it is a whole JSON object, and its keys. */
function parseObject(line: string): {readonly text: string; readonly keys: readonly string[]} | undefined {
  if (!OBJECT.test(line) || !OBJECT_END.test(line)) return undefined;
  try {
    return {text: line, keys: Object.keys(JSON.parse(line) as object)};
  } catch {
    return undefined;
  }
}

function levelField(line: string): string {
  const level = levelOf(line);
  return level === undefined ? '' : `"level":"${level}"`;
}

/** JSON escapes `"`, `\` and control characters alone, so it may be done on bytes. */
function wrap(line: string, before: readonly string[]): string {
  const message = `"msg":${JSON.stringify(escapeBytes(line))}`;
  return `{${[...before, message].filter((field) => field !== '').join(',')}}\n`;
}
