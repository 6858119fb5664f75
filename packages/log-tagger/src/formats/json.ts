import {levelOf} from '../level.ts';
import {droppedWords, toLatin1, type FormatOptions, type LineFormat} from '../line-format.ts';
import {escapeBytes, isUtf8Text} from './escape-bytes.ts';
import {depthOf, endOfRun, objectRun} from './object-run.ts';

/** What our fields may not be called: these say something of the line. */
export const RESERVED = ['tag', 'time', 'timestamp', 'level', 'stream', 'msg', 'cut', 'dropped'];

// What loggers call the time: where a line has one of these, it gets none of ours.
const TIMES = ['time', 'timestamp', '@timestamp', 'ts'];
// util.inspect's `{ a: 1 }` looks like an object too, hence the quote. Blanks around are JSON's.
const OBJECT = /^[ \t\r]*\{[ \t\r]*(?:"|\})/;
const BRACE = 0x7b;
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
  /** Of the most nested line so far. */
  let depth = 0;

  const shapeOf = (object: object): Shape => {
    const deeper = depthOf(Object.values(object));
    if (deeper > depth) shapes.clear();
    depth = Math.max(depth, deeper);
    const present = Object.keys(object).filter((key) => names.includes(key));
    const id = present.join(',');
    const known = shapes.get(id);
    if (known) return known;
    const missing = fields.filter((field) => !field.names.some((name) => present.includes(name)));
    const shape = {
      run: shapes.size < MAX_SHAPES ? objectRun({present, names, depth}) : /$^/y,
      fields: missing,
    };
    if (shapes.size < MAX_SHAPES) shapes.set(id, shape);
    return shape;
  };

  const lines = (block: string): string => {
    const utf8 = isUtf8Text(block);
    let out = '';
    let before: string | undefined;
    for (let at = 0, end = 0; at <= block.length; at = end) {
      if (current && utf8) end = endOfRun(current.run, block, at);
      if (current && end > at) {
        out += splice(block.slice(at, end), current.fields);
        if (end < block.length || block.endsWith('\n')) continue;
        return `${out}\n`;
      }
      const newline = block.indexOf('\n', at);
      const line = newline < 0 ? block.slice(at) : block.slice(at, newline);
      end = newline < 0 ? block.length + 1 : newline + 1;
      const object = parseObject(utf8 ? line : escapeBytes(line, '\\\\'));
      if (object === undefined) {
        out += wrap(utf8 ? line : escapeBytes(line), (before ??= joined(fields)) + levelMember(line));
        continue;
      }
      // This line says what those after it look like.
      current = shapeOf(object.value);
      out += spliceOne(object.text, current.fields);
    }
    return out;
  };

  const one = (text: string, more = ''): string => wrap(escapeBytes(text), joined(fields) + more);
  const cut = (more: boolean): string => (more ? '"cut":true,' : '');

  return {
    lines,
    piece: (text, more) => one(text, cut(more)),
    record: (text, more) => one(text, levelMember(text) + cut(more)),
    dropped: (count) => one(droppedWords(count), `"level":"warn","dropped":${count},`),
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

/** Members, each with its comma. */
function joined(fields: readonly Field[]): string {
  return fields
    .map((field) => field.text())
    .filter((text) => text !== '')
    .map((text) => `${text},`)
    .join('');
}

/** Lines that all begin with `{"`, with newlines between them. No newline is anywhere else: JSON escapes it. */
function splice(run: string, fields: readonly Field[]): string {
  const before = joined(fields);
  if (before === '') return run;
  return `{${before}${run.slice(1).replaceAll('\n{', `\n{${before}`.replaceAll('$', '$$$$'))}`;
}

function spliceOne(line: string, fields: readonly Field[]): string {
  const before = joined(fields);
  if (before === '') return `${line}\n`;
  const rest = line.slice(line.indexOf('{') + 1);
  return `{${/^[ \t\r]*\}/.test(rest) ? before.slice(0, -1) : before}${rest}\n`;
}

/** The line, when it is a whole JSON object, and what it says. */
function parseObject(line: string): {readonly text: string; readonly value: object} | undefined {
  const first = line.charCodeAt(0);
  if (first > 0x20 && first !== BRACE) return undefined;
  if (!OBJECT.test(line) || !OBJECT_END.test(line)) return undefined;
  try {
    return {text: line, value: JSON.parse(line) as object};
  } catch {
    return undefined;
  }
}

function levelMember(line: string): string {
  const level = levelOf(line);
  return level === undefined ? '' : `"level":"${level}",`;
}

/** UTF-8 bytes as `msg`, after members that each have their comma. */
function wrap(line: string, members: string): string {
  return `{${members}"msg":${quote(line)}}\n`;
}

/** JSON escapes `"`, `\` and control characters alone, so it may be done on bytes; most lines have none, which is told sooner. */
function quote(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return /["\\\0-\x1f]/.test(text) ? JSON.stringify(text) : `"${text}"`;
}
