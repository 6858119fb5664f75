import type {Quoted} from './quoted.ts';

/** A piece of a template. */
export type Part =
  | string
  | {
      readonly name: string;
      /** For a name that is not set, or empty. */
      readonly fallback: readonly Part[] | undefined;
    };

// In a template a backslash stands only before `$` and before another one.
const ESCAPES: Readonly<Record<string, string>> = {n: '\n', r: '\r', '"': '"', '\\': '\\\\', $: '\\$'};
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const MAX_DEPTH = 32;

/** The template of a quoted value; undefined: it refers to nothing. */
export function quotedTemplate({quote, body}: Quoted): string | undefined {
  if (quote !== '"' || !body.includes('$')) return undefined;
  return body.replace(/\\([^])/g, (_, letter: string) => ESCAPES[letter] ?? `\\\\${letter}`);
}

/** The template of a value that is not quoted; undefined: it refers to nothing. */
export function unquotedTemplate(value: string): string | undefined {
  if (!value.includes('$')) return undefined;
  return value.replace(/\\(\$?)/g, (_, dollar: string) => (dollar === '' ? '\\\\' : '\\$'));
}

/** The parts of a template: `$NAME`, `${NAME}`, `${NAME:-default}`; any other `$` is one. A text: what is wrong with it. */
export function parseTemplate(template: string): readonly Part[] | string {
  try {
    return readParts({text: template, index: 0}, 0);
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}

class Malformed extends Error {}

interface Cursor {
  readonly text: string;
  index: number;
}

/** Up to the end, or, inside of a reference, up to its `}`. */
function readParts(cursor: Cursor, depth: number): Part[] {
  if (depth > MAX_DEPTH) throw new Malformed(`\${…} is nested deeper than ${MAX_DEPTH} levels`);
  const parts: Part[] = [];
  let literal = '';
  const {text} = cursor;
  while (cursor.index < text.length) {
    const character = text[cursor.index]!;
    if (depth > 0 && character === '}') break;
    cursor.index++;
    if (character === '\\') literal += text[cursor.index++] ?? '';
    else if (character === '$') {
      const reference = readReference(cursor, depth);
      if (reference === undefined) literal += character;
      else {
        parts.push(literal, reference);
        literal = '';
      }
    } else literal += character;
  }
  return [...parts, literal];
}

/** What follows a `$`; undefined: it is only a `$`. */
function readReference(cursor: Cursor, depth: number): Part | undefined {
  const {text} = cursor;
  const braced = text[cursor.index] === '{';
  if (braced) cursor.index++;
  const name = readName(cursor);
  if (!braced) return name === undefined ? undefined : {name, fallback: undefined};
  const wanted = new Malformed('${ is followed by neither NAME} nor NAME:-default}');
  if (name === undefined) throw wanted;
  const hasFallback = text.startsWith(':-', cursor.index);
  if (hasFallback) cursor.index += 2;
  const fallback = hasFallback ? readParts(cursor, depth + 1) : undefined;
  if (text[cursor.index++] !== '}') throw wanted;
  return {name, fallback};
}

function readName(cursor: Cursor): string | undefined {
  NAME.lastIndex = cursor.index;
  const name = NAME.exec(cursor.text)?.[0];
  cursor.index += name?.length ?? 0;
  return name;
}
