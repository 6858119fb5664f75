/** A command line as `fork` of node:cluster takes it. */
export interface ForkLine {
  readonly execArgv: readonly string[];
  readonly exec: string;
  readonly args: readonly string[];
}

/** Of Node's own flags those whose value is a word of its own. */
const WITH_VALUE = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-C',
  '--conditions',
]);
/** With these Node runs something else, or nothing. */
const WITHOUT_SCRIPT =
  /^(?:-|-[cehipv]|-pe|--(?:check|eval|help|interactive|print|run|test|version)(?:=.*)?)$/s;
/** One word after another: quoted pieces and plain ones, without anything that only a shell can answer. */
const WORD = /(?:'[^']*'|"[^"\\$`]*"|\\[^\n]|[^\s'"\\;&|<>()`$*?[\]{}~#!])+/y;
const PIECE = /'([^']*)'|"([^"]*)"|\\(.)|([^'"\\]+)/g;

/** `node [FLAG …] SCRIPT [ARGUMENT …]`; undefined for any other command. */
export function forkLine(command: string): ForkLine | undefined {
  const [first, ...words] = withoutExec(wordsOf(command) ?? []);
  if (first !== 'node' && first !== process.execPath) return undefined;
  let at = 0;
  while (words[at]?.startsWith('-')) {
    if (WITHOUT_SCRIPT.test(words[at]!)) return undefined;
    at += WITH_VALUE.has(words[at]!) ? 2 : 1;
  }
  const exec = words[at];
  if (exec === undefined) return undefined;
  return {execArgv: words.slice(0, at), exec, args: words.slice(at + 1)};
}

const withoutExec = ([first, ...rest]: readonly string[]): readonly string[] =>
  first === 'exec' ? rest : [first ?? '', ...rest];

function wordsOf(line: string): string[] | undefined {
  const words: string[] = [];
  const end = line.trimEnd().length;
  for (let at = 0; at < end;) {
    WORD.lastIndex = at + /^\s*/.exec(line.slice(at))![0].length;
    const [word] = WORD.exec(line) ?? [];
    if (word === undefined) return undefined;
    at = WORD.lastIndex;
    words.push(
      word.replace(PIECE, (_, ...pieces: string[]) =>
        pieces.slice(0, 4).find((piece) => piece !== undefined)!,
      ),
    );
  }
  return words;
}
