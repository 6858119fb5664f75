import {withoutEchoes} from '@keelson/cli-kit/without-echoes';

import {fieldsOf, type LineFlags} from './flag-settings.ts';
import {readPlainFlags, type PlainFlag} from './plain-flags.ts';
import {tagInput} from './tag-input.ts';
import {taggerFromFlags} from './tagger-from-flags.ts';

/** Of the flags of `keelson-tag`, those that say nothing of a command or a destination: bundle.js puts them in. */
declare const TAG_FLAGS: readonly PlainFlag[];

const STOPPED = {SIGHUP: 129, SIGINT: 130, SIGTERM: 143} as const;
const BROKEN_PIPE = 141;

/**
 * Entry of dist/tag.cjs, which tags stdin to stdout: the parser of the commands and all the modules one by one take as long as half a
 * million lines. False, with nothing done: a command line for that parser.
 */
export async function tagAtOnce(argv: readonly string[]): Promise<boolean> {
  const flags = readPlainFlags(argv, TAG_FLAGS) as
    | (LineFlags & {tag?: string[]; field?: string[]})
    | undefined;
  if (flags === undefined) return false;
  const stop = stopSignals();
  try {
    // The one event that there is, the end of stdout, is told by how we end.
    const tagger = await taggerFromFlags(flags, {env: process.env, onEvent: () => {}});
    await tagInput({tag: flags.tag, fields: fieldsOf(flags), tagger, signal: stop.signal});
  } catch (error) {
    const exitCode = stop.exitCode();
    if (exitCode === undefined) throw error;
    if (exitCode !== BROKEN_PIPE && error !== stop.signal.reason) {
      process.once('exit', () => (process.exitCode = exitCode));
      throw error;
    }
  }
  if (stop.exitCode() !== undefined) process.exit(stop.exitCode());
  return true;
}

/** As the commands have it: the first one ends the work, a second one us; a closed stdout counts as one. */
function stopSignals(): {readonly signal: AbortSignal; readonly exitCode: () => number | undefined} {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const stop = (code: number) => {
    exitCode ??= code;
    controller.abort();
  };
  const once = withoutEchoes();
  for (const [name, code] of Object.entries(STOPPED)) {
    const onSignal = once(() => {
      if (exitCode !== undefined) process.exit(code);
      stop(code);
    });
    process.on(name, onSignal);
  }
  process.stdout.on('error', ({code}: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') stop(BROKEN_PIPE);
  });
  return {signal: controller.signal, exitCode: () => exitCode};
}
