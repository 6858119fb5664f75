import {withRights, type Rights} from '@keelson/preparer';
import {run, type LaunchSpec, type SpawnFault} from '@keelson/spawn';
import {isFault, type StepOptions} from '@keelson/step';
import type {Refusal} from './attempt.ts';

const MOST_LINES = 20;

export interface LineToRun extends Pick<LaunchSpec, 'command' | 'args' | 'cwd' | 'env'> {
  /** Begins the sentence "… ended with exit code 1". */
  readonly what: string;
  /** Whose it is run with. */
  readonly rights: Rights;
  readonly timeoutMs: number;
  readonly onLine: (line: string) => void;
}

/** Runs a line of `sh` in an app's folder with the app's environment. A refusal with its last lines when it fails. */
export async function runLine(
  {what, timeoutMs, onLine, rights, ...spec}: LineToRun,
  {signal}: Pick<StepOptions, 'signal'>,
): Promise<Refusal | undefined> {
  const output: string[] = [];
  const onEvent = ({line}: {readonly line: string}) => {
    output.push(line);
    if (output.length > MOST_LINES) output.shift();
    onLine(line);
  };
  try {
    await run(shellOf(spec, {rights, what}), {signal, timeoutMs, onEvent});
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (!isFault(error) || !error.code.startsWith('SPAWN_')) throw error;
    return {because: `${what} ${howItFailed(error as SpawnFault, timeoutMs)}: ${spec.command}`, output};
  }
}

/** A shell of our own leaves its place to a plain command; that of another user is started by the program that changes users. */
function shellOf(
  {command, args = [], ...spec}: LaunchSpec,
  {rights, what}: Pick<LineToRun, 'rights' | 'what'>,
): LaunchSpec {
  if (rights === 'own') return {...spec, command, args, shell: true};
  const shell = {...spec, command: '/bin/sh', args: ['-c', command, 'sh', ...args]};
  return withRights(shell, rights, `so would ${what}`);
}

function howItFailed({code, output, message}: SpawnFault, timeoutMs: number): string {
  if (code === 'SPAWN_TIMEOUT')
    return `did not end within ${timeoutMs >= 60_000 ? `${timeoutMs / 60_000} minutes` : `${timeoutMs / 1000} s`}`;
  if (code !== 'SPAWN_EXIT') return `failed (${message})`;
  return output?.signal ? `was ended by ${output.signal}` : `ended with exit code ${output?.code}`;
}
