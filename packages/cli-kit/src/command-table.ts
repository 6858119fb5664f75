import type {Config} from '@oclif/core';

import type {StepCommand} from './step-command.ts';

/** The class that a cli file exports as its default. */
export type CommandClass = (new (argv: string[], config: Config) => StepCommand) & typeof StepCommand;

/** A module with one command. */
export interface CommandFile {
  readonly default: CommandClass;
}

/** A module with a table of further words. */
export interface CommandFolder {
  readonly commands: CommandTable;
  /** What listings say about the table, its own first of all; default: what its own default command says, or its words. */
  readonly summary?: string | undefined;
  /** Headings of a listing, in order; words that no heading names come last. */
  readonly groups?: readonly {readonly title: string; readonly words: readonly string[]}[] | undefined;
}

export type CommandModule = CommandFile | CommandFolder;

/** Words to lazily loaded modules, listed in this order. '' is the table's own default command. */
export type CommandTable = {readonly [word: string]: () => Promise<CommandModule>};

/** The words of a table that can be typed. */
export function wordsOf(table: CommandTable): string[] {
  return Object.keys(table).filter((word) => word !== '');
}
