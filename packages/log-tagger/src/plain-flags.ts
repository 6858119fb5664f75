/** Of a flag of the command, what reading it takes: bundle.js makes these from the command itself. */
export interface PlainFlag {
  readonly name: string;
  readonly char?: string | undefined;
  readonly kind: 'boolean' | 'string' | 'integer';
  readonly options?: readonly string[] | undefined;
  readonly multiple?: boolean | undefined;
  readonly min?: number | undefined;
  readonly default?: unknown;
}

/** Undefined: something that is not so plain, or wrong, and that the parser of the commands has to look at. */
export function readPlainFlags(
  argv: readonly string[],
  table: readonly PlainFlag[],
): Record<string, unknown> | undefined {
  const flags: Record<string, unknown> = {};
  for (let at = 0; at < argv.length; at++) {
    const [, name, given] = /^--([a-z-]+)(?:=(.*))?$/s.exec(argv[at]!) ?? [];
    const flag = table.find((one) => (name === undefined ? argv[at] === `-${one.char}` : one.name === name));
    if (flag === undefined || (flag.kind === 'boolean' && given !== undefined)) return undefined;
    const value = flag.kind === 'boolean' || valueOf(flag, given ?? argv[++at]);
    const before = flags[flag.name];
    if (value === undefined || (before !== undefined && !Array.isArray(before))) return undefined;
    flags[flag.name] = flag.multiple ? [...(before ?? []), value] : value;
  }
  for (const {name, default: preset} of table) flags[name] ??= preset;
  return flags;
}

function valueOf({kind, min = 0, options}: PlainFlag, text?: string): string | number | undefined {
  if (text === undefined || text === '' || text.startsWith('-')) return undefined;
  if (options && !options.includes(text)) return undefined;
  if (kind === 'string') return text;
  return /^\d{1,9}$/.test(text) && Number(text) >= min ? Number(text) : undefined;
}
