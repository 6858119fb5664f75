import {parse as parseDotenv} from 'dotenv';

import {quotedDialects, unquotedDialects, type Dialect} from './dialect.ts';
import {readQuoted, valueOf} from './quoted.ts';
import {quotedTemplate, unquotedTemplate} from './template.ts';

export type Assignment =
  | {
      readonly name: string;
      readonly value: string;
      /** Where the value refers to others, or could: the same with `$` and `\` as `expandLayers` reads them. */
      readonly template: string | undefined;
      readonly dialects: readonly Dialect[];
      /** Index of its last line. */
      readonly last: number;
    }
  | {readonly because: string; readonly skippable: boolean; readonly last: number};

// What dotenv takes as the start of an assignment, but within one line and with a name that a program can ask for.
const HEAD = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)(?:[ \t]*=|:[ \t])[ \t]*/;

/** The assignment that starts in this line; undefined for a comment or a blank line. */
export function readAssignment(lines: readonly string[], index: number): Assignment | undefined {
  const line = lines[index]!;
  if (/^\s*(#|$)/.test(line)) return undefined;
  const [head, name] = HEAD.exec(line) ?? [];
  if (head === undefined || name === undefined)
    return {because: 'not NAME=value', skippable: true, last: index};
  const quoted = readQuoted(lines, index, head.length);
  if (typeof quoted === 'string') return {because: quoted, skippable: false, last: index};
  const read =
    quoted === undefined
      ? readUnquoted(line.slice(head.length), /\s$/.test(head))
      : {value: valueOf(quoted), template: quotedTemplate(quoted), dialects: quotedDialects(quoted)};
  const last = quoted?.last ?? index;
  // No program can be given it: execve(2) ends a string at NUL.
  if (read.value.includes('\0')) return {because: `${name} holds a NUL character`, skippable: false, last};
  return {name, last, ...read};
}

/** dotenv's to read; only a value that stands wholly in `\"…\"` loses the backslashes, as in honcho and in a shell. */
function readUnquoted(text: string, afterBlank: boolean) {
  const read = parseDotenv(`VALUE=${text}`)['VALUE'] ?? '';
  const value = /^\\".*\\"$/s.test(read) && read.length > 3 ? read.replaceAll('\\"', '"') : read;
  return {
    value,
    template: unquotedTemplate(value),
    dialects: unquotedDialects(text, {read, afterBlank}),
  };
}
