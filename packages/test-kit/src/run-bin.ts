import {launchBin} from './launch-bin.ts';

export interface BinOptions {
  readonly cwd?: string | undefined;
  /** Added to this process's environment; `undefined` takes a variable away. NO_COLOR=1 is set already. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Written to stdin, which then ends. Without it stdin is empty (`runBin`) or stays open (`launchBin`). */
  readonly input?: string | Uint8Array | undefined;
  /** Kills the program (SIGKILL to its group) when aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface BinResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a JavaScript program to its end. Any exit code is a result, not a failure. */
export async function runBin(
  program: string,
  argv: readonly string[] = [],
  options: BinOptions = {},
): Promise<BinResult> {
  await using launched = launchBin(program, argv, {...options, input: options.input ?? ''});
  const exit = await launched.exited;
  return {...exit, stdout: launched.stdout, stderr: launched.stderr};
}
