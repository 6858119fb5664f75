import {withoutEchoes} from '@keelson/cli-kit/without-echoes';

import {flagConflict} from './flag-conflict.ts';
import {type PlainCommandLine, type PlainFlag, readPlainFlags} from './plain-command-line.ts';
import {isOfSupervisor, runEventText} from './run-event-text.ts';
import {type RunHereOptions, runHere} from './run-here.ts';
import {type RunFlags, runOptions} from './run-options.ts';

/** Of the flags of `run`: bundle.js puts them in. */
declare const RUN_FLAGS: readonly PlainFlag[];

const EXITS = {SIGINT: 130, SIGTERM: 143} as const;
const FLUSH_MS = 2000;

/** Undefined: not so plain, or wrong. */
export const readRunFlags = (argv: readonly string[]): PlainCommandLine | undefined =>
  readPlainFlags(argv, RUN_FLAGS);

/**
 * Entry of dist/run.cjs, which is all of `keelson run` in one file: a supervisor lives for months, and the parser of the commands
 * with its modules would take a third of its memory. False, with nothing done: a command line that only that parser can read.
 */
export async function runAtOnce(argv: readonly string[]): Promise<boolean> {
  const line = readRunFlags(argv);
  if (line === undefined) return false;
  const flags = line.flags as unknown as RunFlags;
  if (flagConflict(flags)) return false;
  const asked = new AbortController();
  const talk = talkTo(process.stderr);
  const onEvent: NonNullable<RunHereOptions['output']['onEvent']> &
    NonNullable<RunHereOptions['supervise']['onEvent']> = (event) => {
    if (flags.quiet) return;
    const text = runEventText(event) ?? (isOfSupervisor(event) ? undefined : Object.values(event).join(': '));
    if (text !== undefined) talk(text);
  };
  const once = withoutEchoes();
  for (const [name, code] of Object.entries(EXITS)) {
    const onSignal = once(() => {
      if (asked.signal.aborted) process.exit(code);
      asked.abort();
    });
    process.on(name, onSignal);
  }
  process.stdout.on('error', () => undefined); // a reader that goes away: the tagger tells of it, and the workers serve on
  const {env: processEnv, stdout: sink} = process;
  const {what, how} = runOptions(flags, {command: line.words, processEnv});
  const exitCode = await runHere(what, {
    ...how,
    supervise: {...how.supervise, signal: asked.signal, onEvent},
    output: {sink, color: sink.isTTY && !processEnv['NO_COLOR'], to: flags.to, onEvent},
  });
  await flushed();
  process.exit(exitCode);
}

/** A stream whose reader may go away: what cannot be told is dropped, the work goes on. */
function talkTo(stream: NodeJS.WriteStream): (text: string) => void {
  stream.on('error', () => undefined);
  return (text) => void stream.write(`${text}\n`);
}

/** A reader that does not read cannot hold the end up. */
async function flushed(): Promise<void> {
  const written = [process.stdout, process.stderr].map(
    (stream) => new Promise((resolve) => stream.write('', resolve)),
  );
  await Promise.race([Promise.all(written), new Promise((resolve) => setTimeout(resolve, FLUSH_MS))]);
}

export {runHere, runOptions};
