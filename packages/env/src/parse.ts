import {readAssignment} from './assignment.ts';
import {dialectWarnings, type DialectUse} from './dialect.ts';
import {EnvFault} from './fault.ts';
import {flattenJson} from './flatten-json.ts';
import type {EnvLayer} from './layer.ts';
import type {EnvWarning} from './warning.ts';

/** Names to values. A name is a letter or `_`, then letters, digits, `_`, `.` and `-`. */
export type EnvMap = Readonly<Record<string, string>>;

export interface ParseEnvOptions {
  /** How messages call the text. Default `.env`. */
  readonly path?: string | undefined;
  /** A line that is no assignment is skipped with a warning, as dotenv skips it without one. Default false: ENV_SYNTAX. */
  readonly lenient?: boolean | undefined;
  /** Keep what `bindEnv` needs to put values for `$NAME`, `${NAME}` and `${NAME:-default}`. Default false. */
  readonly expand?: boolean | undefined;
}

const MAX_NAMED = 100;

/**
 * Text of a `.env` file (or of a JSON object, flattened) to values. A name that comes twice has its last value.
 * dotenv reads what is not quoted; quoted values are read here, because dotenv takes an unbalanced quote for a part of
 * the value and leaves `\"` as it is. Throws ENV_SYNTAX naming every bad line at once, and no value.
 */
export function parseEnv(text: string, options: Omit<ParseEnvOptions, 'expand'> = {}): EnvMap {
  return parseEnvLayer(text, options).values;
}

/** The same as a layer, which knows the lines and what is hardly meant. */
export function parseEnvLayer(text: string, options: ParseEnvOptions = {}): EnvLayer {
  const {path = '.env', lenient = false, expand = false} = options;
  const content = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  if (content.trimStart().startsWith('{'))
    return {kind: 'env-layer', name: path, values: flattenJson(content, path), lines: {}, warnings: []};
  const found = readLines(content.split('\n'), {path, lenient});
  if (found.problems.length > 0) throw malformed(path, found.problems);
  const entries = [...found.entries];
  const templates = entries.filter(([, {template}]) => expand && template !== undefined);
  const warnings = [...found.warnings, ...dialectWarnings(found.uses, {path, expand})];
  return {
    kind: 'env-layer',
    name: path,
    values: Object.fromEntries(entries.map(([name, {value}]) => [name, value])),
    lines: Object.fromEntries(entries.map(([name, {line}]) => [name, line])),
    ...(templates.length > 0 && {
      templates: Object.fromEntries(templates.map(([name, {template}]) => [name, template!])),
    }),
    warnings: warnings.toSorted((one, other) => one.line - other.line),
  };
}

function readLines(lines: readonly string[], {path, lenient}: {path: string; lenient: boolean}) {
  const entries = new Map<string, {value: string; template: string | undefined; line: number}>();
  const uses: DialectUse[] = [];
  const warnings: EnvWarning[] = [];
  const problems: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    const read = readAssignment(lines, index);
    if (read === undefined) continue;
    const line = index + 1;
    index = read.last;
    if ('because' in read) {
      if (!lenient || !read.skippable) problems.push(`${path}:${line}: ${read.because}`);
      else warnings.push({kind: 'skipped', path, line, message: `${read.because}: the line is skipped`});
      continue;
    }
    const {name, value, template, dialects} = read;
    const first = entries.get(name);
    if (first !== undefined) warnings.push({kind: 'duplicate', path, line, message: again(name, first.line)});
    entries.set(name, {value, template, line});
    if (dialects.length > 0) uses.push({name, line, dialects});
  }
  return {entries, uses, warnings, problems};
}

function again(name: string, line: number): string {
  return `${name} is already set in line ${line}: the last value counts`;
}

function malformed(path: string, problems: readonly string[]): EnvFault {
  const more = problems.length - MAX_NAMED;
  const named =
    more > 0 ? [...problems.slice(0, MAX_NAMED), `${path}: and ${more} more bad lines`] : problems;
  return new EnvFault('ENV_SYNTAX', named.join('\n'), {
    hint: 'Each line is NAME=value, a comment that starts with #, or blank; a quoted value may go over several lines, and in double quotes \\" is a quote.',
  });
}
