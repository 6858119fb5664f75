export type Quote = '"' | "'" | '`';

/** A quoted value as it stands between its quotes. */
export interface Quoted {
  readonly quote: Quote;
  readonly body: string;
  /** Index of the line that closes it. */
  readonly last: number;
}

const AFTER = /^[ \t]*(#.*)?$/;
const ESCAPES: Readonly<Record<string, string>> = {n: '\n', r: '\r', '"': '"', '\\': '\\'};

/**
 * The quoted value that starts at this column, perhaps going on in further lines. undefined: not quoted, or (in one line)
 * only the start of something longer such as `"a" "b"`, which is dotenv's to read. A text: why it is none.
 */
export function readQuoted(
  lines: readonly string[],
  index: number,
  column: number,
): Quoted | string | undefined {
  const quote = lines[index]![column];
  if (quote !== '"' && quote !== "'" && quote !== '`') return undefined;
  let body = '';
  for (let last = index; last < lines.length; last++) {
    const line = last === index ? lines[last]!.slice(column + 1) : lines[last]!;
    const end = quote === '"' ? closingQuote(line) : line.indexOf(quote);
    if (end < 0) {
      body += `${line}\n`;
      continue;
    }
    if (!AFTER.test(line.slice(end + 1))) {
      if (last === index) return undefined;
      break;
    }
    return {quote, body: body + line.slice(0, end), last};
  }
  return `the quote ${quote} that opens here is not closed`;
}

/** Double quotes alone know escapes: `\n`, `\r`, `\"` and `\\`; any other backslash stays, as in dotenv. */
export function valueOf({quote, body}: Quoted): string {
  return quote === '"' ? body.replace(/\\([nr"\\])/g, (_, letter: string) => ESCAPES[letter]!) : body;
}

function closingQuote(line: string): number {
  for (let index = 0; index < line.length; index++) {
    if (line[index] === '\\') index++;
    else if (line[index] === '"') return index;
  }
  return -1;
}
