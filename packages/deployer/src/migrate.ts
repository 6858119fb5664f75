import type {Procfile} from '@keelson/procfile';
import {run, type SpawnFault} from '@keelson/spawn';
import {isFault} from '@keelson/step';
import type {Attempt, Refusal} from './attempt.ts';
import {RELEASE_PHASE} from './formation-of.ts';

/** heroku's limit for its release phase. */
const TIMEOUT_MS = 3_600_000;
const MOST_LINES = 20;

export interface MigrationPlace {
  readonly procfile: Procfile;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs the Procfile's `release` line, when there is one, while the old version serves. A refusal when it fails. */
export async function migrate<G>(
  {procfile, cwd, env}: MigrationPlace,
  {options, tell}: Attempt<G>,
): Promise<Refusal | undefined> {
  const command = procfile.types.find(({name}) => name === RELEASE_PHASE)?.command;
  if (command === undefined) return undefined;
  const output: string[] = [];
  const onEvent = ({line}: {readonly line: string}) => {
    output.push(line);
    if (output.length > MOST_LINES) output.shift();
    tell({type: 'deploy:migration-printed', line});
  };
  const {signal} = options;
  try {
    await run({command, shell: true, cwd, env}, {signal, timeoutMs: TIMEOUT_MS, onEvent});
  } catch (error) {
    signal?.throwIfAborted();
    if (!isFault(error) || !error.code.startsWith('SPAWN_')) throw error;
    return {because: `the release phase ${howItFailed(error as SpawnFault)}: ${command}`, output};
  }
  tell({type: 'deploy:migrated', command});
  return undefined;
}

function howItFailed({code, output, message}: SpawnFault): string {
  if (code === 'SPAWN_TIMEOUT') return `did not end within ${TIMEOUT_MS / 60_000} minutes`;
  if (code !== 'SPAWN_EXIT') return `failed (${message})`;
  return output?.signal ? `was ended by ${output.signal}` : `ended with exit code ${output?.code}`;
}
