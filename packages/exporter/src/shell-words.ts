/** One word of a shell line with its quotes undone, or why that cannot be done without a shell. */
export interface ShellWord {
  readonly text: string;
  /** Holds something that a shell replaces: `$x`, a glob, `~`. The text is then not what the program gets. */
  readonly expands: boolean;
  /** How many letters stand before its first quote, Infinity without one: what is quoted makes no reserved word and no assignment. */
  readonly bare: number;
}

const BLANK = /[ \t]/;
const OPERATOR = /[|&;<>()\n\r]/;
// Braces too: where /bin/sh is bash it expands them.
const GLOB = /[*?[{]/;

interface Piece {
  readonly text: string;
  readonly expands: boolean;
  readonly next: number;
}

/** POSIX sh 2.2.3: in double quotes a backslash is one unless one of `$ \` " \` follows. */
function doubleQuoted(line: string, start: number): Piece | undefined {
  let text = '';
  let expands = false;
  for (let at = start; at < line.length; at++) {
    const letter = line[at]!;
    if (letter === '"') return {text, expands, next: at + 1};
    if (letter === '\\' && /[$`"\\]/.test(line[at + 1] ?? '')) text += line[++at]!;
    else {
      expands ||= letter === '$' || letter === '`';
      text += letter;
    }
  }
  return undefined;
}

function singleQuoted(line: string, start: number): Piece | undefined {
  const end = line.indexOf("'", start);
  return end < 0 ? undefined : {text: line.slice(start, end), expands: false, next: end + 1};
}

function escaped(line: string, start: number): Piece | undefined {
  return start < line.length ? {text: line[start]!, expands: false, next: start + 1} : undefined;
}

const QUOTES: Readonly<Record<string, (line: string, start: number) => Piece | undefined>> = {
  '"': doubleQuoted,
  "'": singleQuoted,
  '\\': escaped,
};

function isTilde(line: string, at: number): boolean {
  return line[at] === '~' && (at === 0 || /[\s=:]/.test(line[at - 1]!));
}

/**
 * Words of a line that is one simple command (POSIX sh 2.9.1); undefined when it is more than that
 * (an operator, a redirection, a comment) or has a quote without its end.
 */
export function shellWords(line: string): ShellWord[] | undefined {
  const words: ShellWord[] = [];
  let at = 0;
  while (at < line.length) {
    if (BLANK.test(line[at]!)) {
      at++;
      continue;
    }
    if (line[at] === '#') return undefined;
    const word = {text: '', expands: false, bare: Infinity};
    while (at < line.length && !BLANK.test(line[at]!)) {
      const letter = line[at]!;
      if (OPERATOR.test(letter)) return undefined;
      const quote = QUOTES[letter];
      if (quote) {
        const piece = quote(line, at + 1);
        if (!piece) return undefined;
        word.bare = Math.min(word.bare, word.text.length);
        word.text += piece.text;
        word.expands ||= piece.expands;
        at = piece.next;
        continue;
      }
      word.expands ||= letter === '$' || letter === '`' || GLOB.test(letter) || isTilde(line, at);
      word.text += letter;
      at++;
    }
    words.push(word);
  }
  return words;
}
