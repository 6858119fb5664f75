import type {WriteStream} from 'node:tty';

import {asUsageError} from './as-usage-error.ts';
import {extrasOf} from './extra-flags.ts';
import {watchInterrupts} from './interrupts.ts';
import {outputOptionsOf} from './output-options.ts';
import {ownOutput} from './own-output.ts';
import {planOptionsOf, type StartFlags} from './plan-options.ts';
import type {ForemanResult} from './run-processes.ts';
import {startApp} from './start-app.ts';

/** What a command has of the process that it is. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
}

/**
 * `start`, as its flags and words say. From now on signals end the processes, and not us.
 * Rejects with a UsageError where a word cannot be read.
 */
export async function startInTerminal(
  flags: StartFlags,
  words: readonly string[],
  surroundings: Surroundings,
): Promise<ForemanResult> {
  try {
    return await start(flags, words, surroundings);
  } catch (error) {
    throw await asUsageError(error);
  }
}

async function start(
  flags: StartFlags,
  words: readonly string[],
  {env, stdout, stderr}: Surroundings,
): Promise<ForemanResult> {
  const {output, colorLevel} = outputOptionsOf(flags, {stdout: ownOutput(stdout), stderr, env});
  const {procfile, root, env: envFiles} = flags;
  return startApp({
    ...watchInterrupts(),
    app: {procfile, root, envFiles, processEnv: env},
    plan: await planOptionsOf(flags, words, colorLevel),
    output,
    showEnv: flags['show-env'],
    blockingOutput: flags['blocking-output'],
    extras: extrasOf(flags, {env, stdout}),
  });
}
