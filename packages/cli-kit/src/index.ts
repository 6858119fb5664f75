export {Args, Flags} from './parameters.ts';
export {CliFault} from './fault.ts';
export {dryRunFlag, envFlag, formationFlag, outFlag, portFlag} from './flags.ts';
export {redactUrls} from './redact-urls.ts';
export {runCommandLine} from './run-command-line.ts';
export {StepCommand} from './step-command.ts';
export {toOptions} from './to-options.ts';
export {UsageError} from './usage-error.ts';

export type {CommandClass, CommandFile, CommandFolder, CommandModule, CommandTable} from './command-table.ts';
export type {StepEvent} from './event-text.ts';
export type {Program} from './program.ts';
