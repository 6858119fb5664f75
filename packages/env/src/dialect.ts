import type {Quoted} from './quoted.ts';
import type {EnvWarning} from './warning.ts';

/** A way in which tools read one text as different values. */
export type Dialect = keyof typeof SAYS;

const SAYS = {
  hash: (name: string) =>
    `# in the value of ${name} starts a comment, as in dotenv and node-foreman; foreman and godotenv keep it: quote the value`,
  newline: (name: string) =>
    `\\n or \\r in the double quotes of ${name} is a line break, as in dotenv; node-foreman keeps the two characters: use single quotes for that`,
  escape: (name: string) =>
    `\\" or \\\\ in the double quotes of ${name} stands for one character, as in foreman; dotenv keeps the backslash: use single quotes for that`,
  'escaped-quotes': (name: string) =>
    `\\"…\\" round the value of ${name} is read as quotes, as in honcho; dotenv keeps the backslashes: write '"…"'`,
  backticks: (name: string) =>
    `backticks round the value of ${name} are read as quotes, as in dotenv; foreman, node-foreman and godotenv keep them: use other quotes`,
  'after-quote': (name: string) =>
    `text goes on after the closing quote of ${name}: the quotes are taken for a part of the value, as in dotenv`,
  reference: (name: string) =>
    `$NAME in the value of ${name} is kept as it is, as in dotenv and foreman; godotenv expands it, and so does --expand`,
  'escaped-dollar': (name: string) =>
    `\\$ in the value of ${name} keeps its backslash, as in dotenv; foreman, godotenv and --expand drop it: use single quotes`,
} satisfies Record<string, (name: string) => string>;

/** Differences that are none where references are expanded. */
const OF_REFERENCES: readonly Dialect[] = ['reference', 'escaped-dollar'];

const MAX_LINES = 5;

export interface DialectUse {
  readonly name: string;
  readonly line: number;
  readonly dialects: readonly Dialect[];
}

/** One warning for each difference, at its first line. */
export function dialectWarnings(
  uses: readonly DialectUse[],
  options: {readonly path: string; readonly expand: boolean},
): EnvWarning[] {
  const byDialect = new Map<Dialect, DialectUse[]>();
  for (const use of uses)
    for (const dialect of use.dialects) {
      if (options.expand && OF_REFERENCES.includes(dialect)) continue;
      const known = byDialect.get(dialect);
      if (known === undefined) byDialect.set(dialect, [use]);
      else known.push(use);
    }
  return [...byDialect].map(([dialect, [first, ...more]]) => ({
    kind: 'dialect' as const,
    path: options.path,
    line: first!.line,
    message: SAYS[dialect](first!.name) + alsoIn(more),
  }));
}

export function quotedDialects({quote, body}: Quoted): Dialect[] {
  if (quote === '`') return ['backticks'];
  if (quote !== '"') return [];
  const escapes = new Set(body.match(/\\[^]/g));
  return which({
    newline: escapes.has('\\n') || escapes.has('\\r'),
    escape: escapes.has('\\"') || escapes.has('\\\\'),
    'escaped-dollar': escapes.has('\\$'),
    reference: hasReference(body),
  });
}

/** `text` is the rest of the line; `read` is what dotenv makes of it. */
export function unquotedDialects(
  text: string,
  {read, afterBlank}: {readonly read: string; readonly afterBlank: boolean},
): Dialect[] {
  const hash = text.indexOf('#');
  const attached = hash > 0 ? /\S/.test(text[hash - 1]!) : !afterBlank;
  return which({
    hash: hash >= 0 && attached && read === text.slice(0, hash).trim(),
    'escaped-quotes': /^\\".*\\"$/s.test(read) && read.length > 3,
    'after-quote': /^["'`].*["'`]/.test(text),
    'escaped-dollar': read.includes('\\$'),
    reference: hasReference(read),
  });
}

function hasReference(text: string): boolean {
  return /(?<!\\)(?:\\\\)*\$\{?[A-Za-z_]/.test(text);
}

function which(found: Partial<Record<Dialect, boolean>>): Dialect[] {
  return (Object.keys(found) as Dialect[]).filter((dialect) => found[dialect]);
}

function alsoIn(uses: readonly DialectUse[]): string {
  if (uses.length === 0) return '';
  const lines = uses.slice(0, MAX_LINES).map(({line}) => line);
  return ` (also in line ${lines.join(', ')}${uses.length > MAX_LINES ? ', …' : ''})`;
}
