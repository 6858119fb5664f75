import {parseHealthAddress} from './health-address.ts';
import {parseDuration} from './parse-duration.ts';
import {parseListener} from './parse-listener.ts';
import {parseMemory} from './parse-memory.ts';
import {parseUsr2} from './parse-usr2.ts';
import {parseWorkers} from './parse-workers.ts';

/** What a value is read with, by the word that the help shows for it; other words are texts. */
const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  TIME: parseDuration,
  SIZE: parseMemory,
  'N|auto': parseWorkers,
  'held|cluster': parseListener,
  'roll|restart|reopen|pass': parseUsr2,
  '[HOST:]PORT|PATH': parseHealthAddress,
};

/** What of a flag bundle.js takes from the command: plain JSON. */
export interface PlainFlag {
  readonly name: string;
  readonly char?: string | undefined;
  readonly kind: 'boolean' | 'integer' | 'value';
  readonly helpValue?: string | undefined;
  readonly multiple?: boolean | undefined;
  readonly delimiter?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly default?: unknown;
}

export interface PlainCommandLine {
  readonly flags: Readonly<Record<string, unknown>>;
  /** From the first word on that is no flag of ours. */
  readonly words: readonly string[];
}

/** Undefined: something that is not so plain, or wrong, and that the parser of the commands has to look at. */
export function readPlainFlags(
  argv: readonly string[],
  table: readonly PlainFlag[],
): PlainCommandLine | undefined {
  const flags: Record<string, unknown> = {};
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at]!;
    if (!word.startsWith('-') || word === '--') break;
    const [, name, given] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const flag = table.find((one) => (name === undefined ? `-${one.char}` === word : one.name === name));
    if (flag === undefined) return undefined;
    if (flag.kind === 'boolean' && given !== undefined) return undefined;
    const value = flag.kind === 'boolean' ? true : valueOf(flag, given ?? argv[++at]);
    const before = flags[flag.name];
    if (value === undefined || (before !== undefined && !Array.isArray(before))) return undefined;
    flags[flag.name] = Array.isArray(before) ? [...before, ...(value as string[])] : value;
  }
  for (const {name, default: preset} of table) flags[name] ??= preset;
  return {flags, words: argv[at] === '--' ? argv.slice(at + 1) : argv.slice(at)};
}

function valueOf({kind, helpValue = '', multiple, delimiter, min, max}: PlainFlag, text?: string): unknown {
  if (text === undefined || text === '' || text.startsWith('-')) return undefined;
  if (kind === 'integer') {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return number >= (min ?? -Infinity) && number <= (max ?? Infinity) ? number : undefined;
  }
  if (!multiple) return Object.hasOwn(PARSERS, helpValue) ? PARSERS[helpValue]!(text) : text;
  const parts = delimiter === undefined ? [text] : text.split(delimiter);
  return parts.some((part) => part === '' || part !== part.trim() || /["\\]/.test(part)) ? undefined : parts;
}
