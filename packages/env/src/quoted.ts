type Quoted = {readonly value: string; readonly last: number} | {readonly because: string};

const AFTER = /^[ \t]*(#.*)?$/;
const ESCAPES: Readonly<Record<string, string>> = {n: '\n', r: '\r', '"': '"', '\\': '\\'};

/**
 * The quoted value that starts at this column, perhaps going on in further lines. undefined: not quoted, or (in one line)
 * only the start of something longer such as `"a" "b"`, which is dotenv's to read.
 */
export function readQuoted(lines: readonly string[], index: number, column: number): Quoted | undefined {
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
    body += line.slice(0, end);
    return {value: quote === '"' ? unescape(body) : body, last};
  }
  return {because: `the quote ${quote} that opens here is not closed`};
}

/** Double quotes alone know escapes. */
function closingQuote(line: string): number {
  for (let index = 0; index < line.length; index++) {
    if (line[index] === '\\') index++;
    else if (line[index] === '"') return index;
  }
  return -1;
}

/** `\n`, `\r`, `\"` and `\\`; any other backslash stays, as in dotenv. */
function unescape(body: string): string {
  return body.replace(/\\([nr"\\])/g, (_, letter: string) => ESCAPES[letter]!);
}
