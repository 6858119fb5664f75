import {run, SpawnFault, type Output, type RunOptions} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';
import {GitFault} from './fault.ts';
import {NEUTRAL, type Environment} from './git-environment.ts';

export interface GitCall extends StepOptions {
  readonly env: Environment;
  readonly cwd?: string | undefined;
  readonly input?: string | undefined;
  /** Exit codes that are answers and not failures. Default [0]. */
  readonly accept?: readonly number[] | undefined;
  /** The command is ended then. Default never. */
  readonly timeoutMs?: number | undefined;
  /** Default 64 MiB. */
  readonly maxOutputBytes?: number | undefined;
  /** Each line on stderr, as it comes. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** Runs git once. A failure is a SpawnFault with git's output: the caller knows what it means. */
export async function runGit(args: readonly string[], call: GitCall): Promise<Output> {
  const {env, cwd, input, onLine, onEvent: _, ...limits} = call;
  const options: RunOptions = {
    ...limits,
    ...(onLine && {onEvent: (event) => void (event.stream === 'err' && onLine(event.line))}),
  };
  try {
    return await run({command: 'git', args: [...NEUTRAL, ...args], env, cwd, input}, options);
  } catch (error) {
    throw missingGit(error) ?? error;
  }
}

export function missingGit(error: unknown): GitFault | undefined {
  if (!(error instanceof SpawnFault) || error.code !== 'SPAWN_NOT_FOUND') return undefined;
  return new GitFault('GIT_MISSING', 'git is not installed, or not on the PATH', {
    hint: 'Install git 2.34 or newer (on Debian: apt-get install git).',
    cause: error,
  });
}

/** The fault of a git command that should have worked: what was tried, and git's own reason. */
export function gitFailed(what: string, error: unknown): unknown {
  if (!(error instanceof SpawnFault) || error.code !== 'SPAWN_EXIT') return error;
  return new GitFault('GIT_FAILED', `${what}: ${reasonOf(error.output?.stderr ?? '')}`, {cause: error});
}

/** Git's first `fatal:` or `error:` line, or the last one it printed. */
export function reasonOf(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const told = lines.find((line) => /^(fatal|error): /.test(line)) ?? lines.at(-1) ?? 'git gave no reason';
  return told.replace(/^(fatal|error): /, '');
}
