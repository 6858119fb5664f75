import {stripVTControlCharacters} from 'node:util';

import {isFault} from '@keelson/step';

import {nearest} from './nearest.ts';
import {redactUrls} from './redact-urls.ts';
import {systemErrorIn, systemSentence} from './system-error.ts';

/** How a command that did not succeed ends. */
export interface Failure {
  readonly exitCode: number;
  readonly code: string;
  /** Empty when there is nothing to say. */
  readonly message: string;
  readonly hint: string | undefined;
  readonly temporary: boolean;
}

/** Where the failure happened. */
interface Scene {
  /** `keelson build`: what `--help` can be put behind. */
  readonly command: string;
  /** Names of the command's flags. */
  readonly flags: readonly string[];
}

const TEMPORARY_EXIT = 75;

// The errors of oclif that matter, by shape: the class may come from another copy of it.
interface ParseError extends Error {
  readonly oclif?: {readonly exit?: number};
  readonly code?: string;
  readonly flags?: readonly string[];
  readonly args?: readonly {readonly name: string; readonly required?: boolean}[] | readonly string[];
}

function usage(message: string, hint: string, code = 'USAGE'): Failure {
  return {exitCode: 2, code, message, hint, temporary: false};
}

function unknownFlags(given: readonly string[], {command, flags}: Scene): Failure {
  const names = given.map((flag) => flag.split('=')[0]!);
  const meant = names.map((name) => (name.startsWith('--') ? nearest(name.slice(2), flags) : undefined));
  const guesses = meant.filter((name) => name !== undefined).map((name) => `--${name}`);
  const asked = guesses.length > 0 ? `did you mean ${guesses.join(' ')}? ` : '';
  return usage(
    `there is no flag ${names.map(redactUrls).join(', ')}`,
    `${asked}${command} --help shows the flags there are`,
  );
}

/** oclif's wording → ours. */
const REWORDED: readonly (readonly [RegExp, string])[] = [
  [/^Missing required flag (\S+)$/, '--$1 is missing'],
  [/^Flag (--\S+) expects/, '$1 needs'],
  [/^Flag (--\S+) can/, '$1 can'],
  [/^Expected an? (.*) but received: (.*)$/, '$2 is not an $1'],
  [/^Expected (.*) to be one of: /, '$1 is none of '],
];

function reword(line: string): string {
  const [pattern, words] = REWORDED.find(([known]) => known.test(line)) ?? [/^[A-Z](?=[a-z])/, undefined];
  return words === undefined
    ? line.replace(pattern, (first) => first.toLowerCase())
    : line.replace(pattern, words);
}

/** oclif's message in one line, without its pointer to the help and its table of arguments. */
function plainMessage(error: ParseError): string {
  const text = stripVTControlCharacters(error.message)
    .replace(/\n*See more help with --help$/, '')
    .replace(/^The following errors? occurred:\s*/, '');
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .map(reword)
    .join('; ');
}

function parseFailure(error: ParseError, scene: Scene): Failure | undefined {
  const help = `${scene.command} --help shows how it is used`;
  const value = /^Parsing (--\S+) \n\t([^]*)\nSee more help with --help$/.exec(error.message);
  if (value !== null)
    return usage(`${value[1]}: ${reword(value[2] ?? '')}`, help, isFault(error) ? error.code : 'USAGE');
  if (error.flags !== undefined && error.message.startsWith('Nonexistent flag'))
    return unknownFlags(error.flags, scene);
  if (error.message.startsWith('Missing') && Array.isArray(error.args)) {
    const names = error.args.map((arg) => (typeof arg === 'string' ? arg : arg.name).toUpperCase());
    return usage(`${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} missing`, help);
  }
  if (error.oclif?.exit === undefined) return undefined;
  const exitCode = error.oclif.exit;
  return {
    ...usage(plainMessage(error), help),
    exitCode,
    code: exitCode === 2 ? 'USAGE' : (error.code ?? 'FAILED'),
  };
}

function internal(error: unknown): Failure {
  const told =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  return {
    exitCode: 1,
    code: 'INTERNAL',
    message: `internal error: ${told}`,
    hint: 'this is a bug of ours: KEELSON_DEBUG=1 shows where; please report it',
    temporary: false,
  };
}

function expected(error: unknown, scene: Scene): Failure | undefined {
  const {code, hint, message, name} = error as ParseError & {hint?: string};
  if (code === 'EEXIT')
    return {
      exitCode: (error as ParseError).oclif?.exit ?? 1,
      code,
      message: '',
      hint: undefined,
      temporary: false,
    };
  const parse = parseFailure(error as ParseError, scene);
  if (parse !== undefined) return parse;
  if (isFault(error)) {
    const {temporary} = error;
    return {exitCode: temporary ? TEMPORARY_EXIT : 1, code: error.code, message, hint, temporary};
  }
  if (name === 'UsageError') return usage(message, hint ?? `${scene.command} --help shows how it is used`);
  const system = systemErrorIn(error);
  const sentence = system === undefined ? undefined : systemSentence(system);
  if (system === undefined || sentence === undefined) return undefined;
  const temporary = sentence.temporary ?? false;
  return {
    exitCode: temporary ? TEMPORARY_EXIT : 1,
    code: system.code,
    message: sentence.message,
    hint: sentence.hint,
    temporary,
  };
}

/** Says an error as its user needs it. Credentials in URLs are taken out here, once for all. */
export function failureOf(error: unknown, scene: Scene): Failure {
  const isObject = typeof error === 'object' && error !== null;
  const failure = (isObject ? expected(error, scene) : undefined) ?? internal(error);
  const {hint, message} = failure;
  return {...failure, message: redactUrls(message), hint: hint === undefined ? undefined : redactUrls(hint)};
}

/** The failure as a value, for --json. */
export function failureValue({code, message, hint, temporary}: Failure): object {
  return {error: {code, message, ...(hint === undefined ? {} : {hint}), temporary}};
}
