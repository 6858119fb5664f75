import type {Interfaces} from '@oclif/core';

type Flags = Record<string, Pick<Interfaces.Flag<unknown>, 'type'> & Partial<Interfaces.Flag<unknown>>>;

function takesValue(flags: Flags, written: (name: string, flag: Flags[string]) => boolean): boolean {
  return Object.entries(flags).some(([name, flag]) => flag.type === 'option' && written(name, flag));
}

/** How many of the words belong to the flag they begin with: 1, or 2 when the flag's value is the next word. */
function widthOfFlag(word: string, flags: Flags): 1 | 2 {
  if (word.startsWith('--')) {
    if (word.includes('=')) return 1;
    const long = word.slice(2);
    return takesValue(flags, (name, flag) => name === long || (flag.aliases ?? []).includes(long)) ? 2 : 1;
  }
  // `-qt TAG`: switches may stand before the one letter that takes a value, and the value may follow it (`-tTAG`)
  const letters = word.slice(1).split('');
  const at = letters.findIndex((letter) => takesValue(flags, (_, flag) => flag.char === letter));
  return at === letters.length - 1 ? 2 : 1;
}

/**
 * Where our own flags end: the index of the first word that is neither a flag nor a flag's value, or of `--`.
 * oclif by itself takes flags after positionals too, and would eat those of the program that is to be run.
 */
export function endOfOwnFlags(argv: readonly string[], flags: Flags): number {
  let index = 0;
  while (index < argv.length) {
    const word = argv[index]!;
    if (word === '--' || word === '-' || !word.startsWith('-')) break;
    index += widthOfFlag(word, flags);
  }
  return Math.min(index, argv.length);
}

/** The words with `--` in front of the program that a run-like command is to run. */
export function separateProgram(argv: readonly string[], flags: Flags): string[] {
  const end = endOfOwnFlags(argv, flags);
  if (end === argv.length || argv[end] === '--') return [...argv];
  return [...argv.slice(0, end), '--', ...argv.slice(end)];
}
