import {parse as parseDotenv} from 'dotenv';

import {EnvFault} from './fault.ts';
import {flattenJson} from './flatten-json.ts';
import {readQuoted} from './quoted.ts';

/** Names to values. A name is a letter or `_`, then letters, digits, `_`, `.` and `-`. */
export type EnvMap = Readonly<Record<string, string>>;

type Assignment =
  | {readonly name: string; readonly value: string; readonly last: number}
  | {readonly because: string; readonly last: number};

// What dotenv takes as the start of an assignment, but within one line and with a name that a program can ask for.
const HEAD = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)(?:[ \t]*=|:[ \t])[ \t]*/;

/**
 * Text of a `.env` file (or of a JSON object, flattened) to values. A name that comes twice has its last value.
 * dotenv reads what is not quoted; quoted values are read here, because dotenv takes an unbalanced quote for a part of
 * the value and leaves `\"` as it is. `options.path` is how messages call the file, default `.env`.
 * Throws ENV_SYNTAX naming every bad line at once, and no value.
 */
export function parseEnv(text: string, options: {readonly path?: string | undefined} = {}): EnvMap {
  const path = options.path ?? '.env';
  const content = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  if (content.trimStart().startsWith('{')) return flattenJson(content, path);
  const values = new Map<string, string>();
  const problems: string[] = [];
  const lines = content.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const read = readAssignment(lines, index);
    if (read === undefined) continue;
    if ('because' in read) problems.push(`${path}:${index + 1}: ${read.because}`);
    else values.set(read.name, read.value);
    index = read.last;
  }
  if (problems.length > 0)
    throw new EnvFault('ENV_SYNTAX', problems.join('\n'), {
      hint: 'Each line is NAME=value, a comment that starts with #, or blank; a quoted value may go over several lines, and in double quotes \\" is a quote.',
    });
  return Object.fromEntries(values);
}

/** The assignment that starts in this line; undefined for a comment or a blank line. */
function readAssignment(lines: readonly string[], index: number): Assignment | undefined {
  const line = lines[index]!;
  if (/^\s*(#|$)/.test(line)) return undefined;
  const [head, name] = HEAD.exec(line) ?? [];
  if (head === undefined || name === undefined) return {because: 'not NAME=value', last: index};
  const quoted = readQuoted(lines, index, head.length);
  if (quoted !== undefined && 'because' in quoted) return {...quoted, last: index};
  const value = quoted?.value ?? parseDotenv(`VALUE=${line.slice(head.length)}`)['VALUE'] ?? '';
  const last = quoted?.last ?? index;
  // No program can be given it: execve(2) ends a string at NUL.
  if (value.includes('\0')) return {because: `${name} holds a NUL character`, last};
  return {name, value, last};
}
