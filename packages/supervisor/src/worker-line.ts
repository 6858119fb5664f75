/** What the shell does by itself: `exec` would look for a program of that name. */
const SHELL_WORDS = new Set(
  (
    '! { } case do done elif else esac fi for if in then until while function select time ' +
    '. : [ alias bg break builtin cd command continue declare dirs echo eval exec exit export false fg getopts hash ' +
    'jobs kill let local printf pwd read readonly return set shift source test times trap true type typeset ulimit ' +
    'umask unalias unset wait'
  ).split(' '),
);

const ASSIGNMENTS = /^\s*(?:[A-Za-z_]\w*=(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\])*\s+)*/;
const FIRST_WORD = /^[\w./@%+:~$"'-]+/;

/**
 * The line for `/bin/sh -c` that runs a command. A simple one (assignments and words) gets `exec`, so that no shell
 * stays between us and the program; whatever has operators, and what the shell does by itself, is left to the shell.
 */
export function workerLine(command: string): string {
  if (/[;&|<>()`\n]/.test(command)) return command;
  const [assignments = ''] = ASSIGNMENTS.exec(command) ?? [];
  const rest = command.slice(assignments.length);
  const [word] = FIRST_WORD.exec(rest) ?? [];
  if (word === undefined || SHELL_WORDS.has(word) || /^\w+=/.test(rest)) return command;
  // In front of the special built-in `exec`, assignments go to the environment of the program (POSIX, 2.9.1).
  return `${assignments}exec ${rest}`;
}
