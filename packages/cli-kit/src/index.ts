export {Args, Flags} from '@oclif/core';
export type {CommandClass, CommandModule, CommandTable} from './command-table.ts';
export {dryRunFlag, envFlag, formationFlag, outFlag, portFlag} from './flags.ts';
export {runCommandLine} from './run-command-line.ts';
export {StepCommand} from './step-command.ts';
export {toOptions} from './to-options.ts';
