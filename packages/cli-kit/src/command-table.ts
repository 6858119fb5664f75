import type {Config} from '@oclif/core';

import type {StepCommand} from './step-command.ts';

/** The class that a cli file exports as its default. */
export type CommandClass = (new (argv: string[], config: Config) => StepCommand) & typeof StepCommand;

/** A module with one command, or a module with a table of further words (and what to say about them in a listing). */
export type CommandModule =
  | {readonly default: CommandClass}
  | {readonly commands: CommandTable; readonly summary?: string};

/** Words to lazily loaded modules, listed in this order. '' is the table's own default command. */
export type CommandTable = {readonly [word: string]: () => Promise<CommandModule>};
