/** A flag whose value needs no more than to be read: what bundle.js takes from the flags of `start`. */
export interface PlainFlag {
  readonly name: string;
  readonly char?: string | undefined;
  readonly kind: 'boolean' | 'string' | 'integer';
  readonly multiple?: boolean | undefined;
  readonly delimiter?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface PlainCommandLine {
  readonly flags: Readonly<Record<string, boolean | string | number | readonly string[]>>;
  readonly words: readonly string[];
}

/** Undefined: something that is not so plain, or wrong, and that the parser of the commands has to look at. */
export function readPlainFlags(
  argv: readonly string[],
  table: readonly PlainFlag[],
): PlainCommandLine | undefined {
  const flags: Record<string, boolean | string | number | readonly string[]> = {};
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (!word.startsWith('-')) {
      words.push(word);
      continue;
    }
    const [, name, given] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const flag = table.find((one) => (name === undefined ? `-${one.char}` === word : one.name === name));
    if (flag === undefined) return undefined;
    const value = flag.kind === 'boolean' ? given === undefined : valueOf(flag, given ?? argv[++at]);
    if (value === undefined || value === false) return undefined;
    const before = flags[flag.name];
    if (before !== undefined && !Array.isArray(before)) return undefined;
    flags[flag.name] = Array.isArray(value) ? [...((before as string[] | undefined) ?? []), ...value] : value;
  }
  return {flags, words};
}

function valueOf(
  {kind, multiple, delimiter, min = -Infinity, max = Infinity}: PlainFlag,
  text: string | undefined,
): string | number | string[] | undefined {
  if (text === undefined || text === '' || text.startsWith('-')) return undefined;
  if (kind === 'integer') {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  }
  if (!multiple) return text;
  const parts = delimiter === undefined ? [text] : text.split(delimiter);
  return parts.some((part) => part === '' || part !== part.trim() || /["\\]/.test(part)) ? undefined : parts;
}
