import {existsSync} from 'node:fs';
import {execPath} from 'node:process';
import {stripVTControlCharacters} from 'node:util';
import {redactCredentials, run, type Output, type SpawnFault} from '@keelson/spawn';
import {isFault, type StepOptions} from '@keelson/step';
import {PackageManagerFault, type PackageManagerFaultCode} from './fault.ts';
import {commandsOf} from './managers/table.ts';
import type {PackageManager, PackageManagerLine} from './package-manager.ts';
import {commandOf} from './program-of.ts';

export interface ManagerCall {
  readonly dir: string;
  readonly manager: PackageManager;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly whenFailed: {
    readonly code: PackageManagerFaultCode;
    /** What was tried, e.g. `the script "build"`. */
    readonly what: string;
    /** What its output means; undefined when the last lines say it themselves. */
    readonly advise?: ((output: string) => Advice | undefined) | undefined;
  };
}

export interface Advice {
  /** Instead of the last lines. */
  readonly because?: string | undefined;
  readonly hint: string;
  readonly temporary?: boolean | undefined;
}

const LAST_LINES = 15;

/** Runs a package manager in a folder, its lines as events. Faults: PM_MISSING, and the one that the call names. */
export async function runManager(
  call: ManagerCall,
  options: StepOptions<PackageManagerLine>,
): Promise<Output> {
  const {dir, manager, args, env, whenFailed} = call;
  const last: string[] = [];
  const onLine = ({stream, line}: {stream: 'out' | 'err'; line: string}) => {
    if (line.trim() !== '') last.push(redactCredentials(stripVTControlCharacters(line)));
    if (last.length > LAST_LINES) last.shift();
    options.onEvent?.({type: 'package-manager:line', stream, line});
  };
  const settings = {...env, ...commandsOf(manager).environment};
  const {NODE_ENV} = env;
  const told = {...(NODE_ENV !== undefined && {NODE_ENV}), ...commandsOf(manager).environment};
  const {command, before} = commandOf(manager, dir, told);
  try {
    return await run(
      {command, args: [...before, ...args], cwd: dir, env: settings},
      {signal: options.signal, onEvent: onLine},
    );
  } catch (error) {
    if (!isFault(error) || !error.code.startsWith('SPAWN_')) throw error;
    const {code, output} = error as SpawnFault;
    if (code === 'SPAWN_NOT_FOUND' && existsSync(dir)) throw missing(command, error);
    const advice = whenFailed.advise?.(`${output?.stderr}\n${output?.stdout}`);
    const why = advice?.because ?? last.map((line) => `\n  ${line}`).join('');
    throw new PackageManagerFault(
      whenFailed.code,
      `${whenFailed.what} ${howEnded(output)} in ${dir}${why === '' ? '' : ': '}${why}`.replace(
        ': \n',
        ':\n',
      ),
      {cause: error, lines: last, hint: advice?.hint, temporary: advice?.temporary},
    );
  }
}

function howEnded(output: Output | undefined): string {
  if (output === undefined) return 'could not be started';
  if (output.code === null) return `was ended by ${output.signal}`;
  return output.code === 0 ? 'was stopped' : `failed with exit code ${output.code}`;
}

function missing(command: string, cause: unknown): PackageManagerFault {
  const what = command === execPath ? 'Node' : command;
  return new PackageManagerFault(
    'PM_MISSING',
    `${what} is not installed on this machine (not found on PATH)`,
    {
      cause,
      hint:
        command === 'npm'
          ? 'It comes with Node.'
          : `Name an exact version as "packageManager" in package.json, and npm fetches it; or install it: npm install --global ${command}`,
    },
  );
}
