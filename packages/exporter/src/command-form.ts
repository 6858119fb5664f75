import {type ShellWord, shellWords} from './shell-words.ts';

/** How a Procfile line is run so that the program gets exactly what `sh -c` in the app's directory would give it. */
export type CommandForm =
  /** Words and nothing else: started without a shell. */
  | {
      readonly form: 'direct';
      readonly env: Readonly<Record<string, string>>;
      readonly argv: readonly string[];
    }
  /** One command with something to expand: a shell expands it and becomes the program. */
  | {readonly form: 'exec'; readonly line: string; readonly argv: readonly string[]}
  /** Anything else: a shell that stays, with the programs below it. */
  | {readonly form: 'shell'; readonly line: string};

// POSIX sh 2.4 and 2.14, and what dash and bash have built in beside: names that are not (only) programs.
const SHELL_WORDS = new Set(
  `! { } [[ case do done elif else esac fi for function if in select then until while
   . : [ alias bg bind break builtin caller cd chdir command compgen complete continue declare dirs disown echo enable eval
   exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read
   readarray readonly return set shift shopt source suspend test time times trap true type typeset ulimit umask unalias
   unset wait`.split(/\s+/),
);

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=([^]*)$/;

/** `NAME=value` before the command; with a quote before the `=` it is the command. */
function assignment({text, bare}: ShellWord): readonly [string, string] | undefined {
  const found = ASSIGNMENT.exec(text);
  return found && found[1]!.length < bare ? [found[1]!, found[2]!] : undefined;
}

/** A program that `env(1)` or an exec finds under just this name. */
function isProgram(word: ShellWord | undefined): boolean {
  return word !== undefined && !word.expands && /^[^-=][^=]*$/.test(word.text);
}

/** Sorts a Procfile line by how it has to be run. */
export function commandForm(line: string): CommandForm {
  const words = shellWords(line) ?? [];
  const start = words.findIndex((word) => !assignment(word));
  const assigned = start < 0 ? [] : words.slice(0, start);
  const [first, ...rest] = start < 0 ? [] : words.slice(start);
  if (!first || !isProgram(first)) return {form: 'shell', line};

  const execs = first.text === 'exec' && first.bare === Infinity;
  const command = execs ? rest : [first, ...rest];
  const isShells = !execs && first.bare === Infinity && SHELL_WORDS.has(first.text);
  if (isShells || !isProgram(command[0])) return {form: 'shell', line};
  if (![...assigned, ...command].some(({expands}) => expands)) {
    const env = Object.fromEntries(assigned.map((word) => assignment(word)!));
    return {form: 'direct', env, argv: command.map(({text}) => text)};
  }
  if (assigned.length > 0) return {form: 'shell', line};
  const argv = command.map(({text}) => text);
  return {form: 'exec', line: execs ? line.trim() : `exec ${line.trim()}`, argv};
}

// Shells that run a line, and package managers that have a shell run a script: none of them passes a signal on to the program.
const WAITING = new Set('ash bash dash ksh sh zsh bun npm npx pnpm pnpx yarn yarnpkg'.split(' '));
const BEFORE_A_PROGRAM = new Set(['env', 'nice', 'nohup', 'setsid', 'timeout']);
// Neither a flag of theirs, nor its number, nor an assignment.
const isProgramOfTheirs = (word: string) => /^[^-=\d][^=]*$/.test(word);

/** The program that stays above what it runs and keeps signals for itself, if it is such a one. */
export function waitingProgram(argv: readonly string[]): string | undefined {
  const [first = '', ...rest] = argv;
  const name = first.slice(first.lastIndexOf('/') + 1);
  if (WAITING.has(name)) return name;
  const next = BEFORE_A_PROGRAM.has(name) ? rest.findIndex(isProgramOfTheirs) : -1;
  return next < 0 ? undefined : waitingProgram(rest.slice(next));
}

/** Programs that commands name without saying where they are: what `programs` of a model can answer. */
export function namedPrograms(commands: readonly (string | {readonly argv: readonly string[]})[]): string[] {
  const names = commands.flatMap((line) => {
    if (typeof line !== 'string') return line.argv.slice(0, 1);
    const command = commandForm(line);
    return command.form === 'direct' ? command.argv.slice(0, 1) : [];
  });
  return [...new Set(names)].filter((name) => !name.includes('/'));
}
