import {styleText} from 'node:util';

import type {CommandFolder, CommandClass, CommandModule} from './command-table.ts';
import {failureOf, failureValue} from './failure.ts';
import {configOf, type Program} from './program.ts';
import {resolveCommand, type Resolution} from './resolve-command.ts';
import {exitFlushed, onStdoutClosed, talkStream} from './standard-streams.ts';
import type {StepCommand} from './step-command.ts';
import {BROKEN_PIPE_EXIT} from './stop-signals.ts';

/** Where something failed: as much of it as is known by then. */
interface Scene {
  readonly path: string;
  readonly command?: CommandClass;
  readonly json: boolean;
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

function stackOf(error: unknown): string {
  const {cause, stack} = (typeof error === 'object' && error !== null ? error : {}) as {
    cause?: unknown;
    stack?: string;
  };
  return `${stack ?? String(error)}${cause === undefined ? '' : `\ncaused by: ${stackOf(cause)}`}`;
}

/** The one place where a failure is told: in words on stderr, and under --json as a value on stdout. */
function report(error: unknown, scene: Scene): number {
  const {baseFlags, enableJsonFlag, flags: own} = scene.command ?? {};
  const flags = [...Object.keys({...baseFlags, ...own}), 'help', ...(enableJsonFlag ? ['json'] : [])];
  const failure = failureOf(error, {command: scene.path, flags});
  if (failure.message === '') return failure.exitCode;
  const stream = talkStream();
  // Node 20 asks the stream only when it is given a single format.
  const word = (color: 'red' | 'cyan', text: string) =>
    styleText('bold', styleText(color, text, {stream}), {stream});
  stream.write(`${word('red', 'error:')} ${failure.message}\n`);
  if (failure.hint !== undefined) stream.write(`${word('cyan', 'hint:')} ${failure.hint}\n`);
  if (process.env['KEELSON_DEBUG'] === '1') stream.write(`${stackOf(error)}\n`);
  if (scene.json) printJson(failureValue(failure));
  return failure.exitCode;
}

/** Whether an error is nothing but the end that was asked for. */
function isStop(error: unknown, reason: unknown): boolean {
  return error === reason || (error as {name?: unknown} | undefined)?.name === 'AbortError';
}

/** A signal ended the command: no word about it to the person who pressed Ctrl-C, a value to a program. */
function reportStopped(error: unknown, reason: unknown, scene: Scene): void {
  if (!isStop(error, reason)) report(error, scene);
  else if (scene.json) printJson(failureValue(failureOf(reason, {command: scene.path, flags: []})));
}

/** Runs a command and sets the exit code. */
async function runCommand(command: StepCommand, scene: Scene): Promise<void> {
  let running = true;
  onStdoutClosed(() => {
    const {stopWatch} = command;
    if (stopWatch === undefined || !running) process.exit(BROKEN_PIPE_EXIT);
    if (stopWatch.exitCode() === undefined) stopWatch.stop(BROKEN_PIPE_EXIT);
  });
  process.on('uncaughtException', (error) => {
    const {stopWatch} = command;
    // A promise that nobody waited for was stopped, too; the command is still cleaning up.
    if (stopWatch?.exitCode() !== undefined && isStop(error, stopWatch.signal.reason)) return;
    command.clearStatus();
    process.exit(report(error, scene));
  });
  try {
    const value: unknown = await command.run();
    command.clearStatus();
    if (value !== undefined && scene.json) printJson(value);
  } catch (error) {
    command.clearStatus();
    const {stopWatch} = command;
    const stopped = stopWatch?.exitCode();
    if (stopped === undefined) process.exitCode = report(error, scene);
    else process.exitCode = stopped;
    if (stopped !== undefined && stopped !== BROKEN_PIPE_EXIT)
      reportStopped(error, stopWatch?.signal.reason, scene);
  }
  running = false;
  const stopped = command.stopWatch?.exitCode();
  if (stopped === undefined) return;
  // Who asked for the end waits for it: nothing that is still open may hold it up.
  await exitFlushed(stopped === BROKEN_PIPE_EXIT ? stopped : Number(process.exitCode ?? 0));
}

/** Where no command runs there is nothing to clean up: whoever read us is gone, or the disk is full. */
function endWithStdout(scene: Scene): void {
  onStdoutClosed(() => process.exit(BROKEN_PIPE_EXIT));
  process.on('uncaughtException', (error) => process.exit(report(error, scene)));
}

async function help(program: Program, found: Exclude<Resolution, {kind: 'command'}>): Promise<string> {
  const {commandHelp, folderHelp} = await import('./help-page.ts');
  if (found.kind === 'help' && found.command !== undefined) {
    return commandHelp(program, found.words, {command: found.command, folder: found.folder});
  }
  return folderHelp(program, found.words, found.folder!);
}

async function dispatch(program: Program, root: CommandModule, argv: string[]): Promise<void> {
  const found = await resolveCommand(root, {bin: program.bin, words: [], argv});
  if (found.kind === 'help') {
    endWithStdout({path: program.bin, json: false});
    process.stdout.write(`${await help(program, found)}\n`);
    return;
  }
  if (found.kind === 'incomplete') {
    talkStream().write(`${await help(program, found)}\n`);
    process.exitCode = 2;
    return;
  }
  const Command = found.command;
  Command.id = found.words.join(' ');
  const running = new Command(found.argv, configOf(program));
  const path = [program.bin, ...found.words].join(' ');
  await runCommand(running, {path, command: Command, json: running.jsonEnabled()});
}

/**
 * Resolves a command line, runs the command, and sets the exit code. Never rejects.
 * @param loading the package's command table, on its way
 */
export async function runCommandLine(
  program: Program,
  loading: Promise<CommandFolder>,
  argv: string[],
): Promise<void> {
  try {
    await dispatch(program, await loading, argv);
  } catch (error) {
    const end = argv.indexOf('--');
    const json = argv.slice(0, end === -1 ? undefined : end).includes('--json');
    const scene = {path: program.bin, json};
    endWithStdout(scene);
    process.exitCode = report(error, scene);
  }
}
