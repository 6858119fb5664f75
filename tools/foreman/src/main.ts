import type {StartFlags} from './plan-options.ts';
import {readPlainFlags, type PlainFlag} from './plain-flags.ts';
import {startInTerminal} from './start-in-terminal.ts';

/** Of the flags of `start`: bundle.js puts them in. */
declare const START_FLAGS: {readonly plain: readonly PlainFlag[]; readonly defaults: object};

/**
 * Entry of dist/start.cjs, which is all of `start` in one file: with the parser of the commands, and its modules one by one, it
 * takes twice as long to the first line. False, with nothing done: a command line that only that parser can read.
 */
export async function startAtOnce(argv: readonly string[]): Promise<boolean> {
  const line = readPlainFlags(argv, START_FLAGS.plain);
  if (line === undefined) return false;
  const flags = {...START_FLAGS.defaults, ...line.flags} as unknown as StartFlags;
  const result = await startInTerminal(flags, line.words, process);
  process.exitCode = result.exitCode;
  if (!result.written) process.exit(); // what nobody reads would keep us
  return true;
}

export {nfArgv} from './nf-argv.ts';
