import type {StepOptions} from '@keelson/step';
import {collectOutput} from './collect-output.ts';
import {describeExit} from './describe-exit.ts';
import {SpawnFault} from './fault.ts';
import type {Exit, LaunchSpec} from './launch-spec.ts';
import {startChild} from './start-child.ts';

export interface Output extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** One line as it came, without its newline. A line of more than 64 KiB comes in pieces. */
export interface LineEvent {
  readonly type: 'spawn:line';
  readonly stream: 'out' | 'err';
  readonly line: string;
}

export interface RunOptions extends StepOptions<LineEvent> {
  /** Stops the command and rejects with SPAWN_TIMEOUT. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Per stream; beyond it the command is stopped and rejects with SPAWN_OUTPUT_TOO_LARGE. Default 64 MiB. */
  readonly maxOutputBytes?: number | undefined;
  /** Exit codes that resolve. Default [0]; any other, and any signal, rejects with SPAWN_EXIT. */
  readonly accept?: readonly number[] | undefined;
  /** How long the command may take to end when it is stopped, before SIGKILL. Default 10 000. */
  readonly graceMs?: number | undefined;
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Runs a command to its end in a process group of its own, of which nothing is left when this settles.
 * Faults: all of SpawnFault; `fault.output` holds what the command printed.
 */
export async function run(spec: LaunchSpec, options: RunOptions = {}): Promise<Output> {
  const {signal, timeoutMs, maxOutputBytes = MAX_OUTPUT_BYTES, accept = [0]} = options;
  const {input} = spec;
  const child = await startChild({...spec, stdin: input === undefined ? 'ignore' : 'pipe'}, options);

  let failure: ((output: Output) => unknown) | undefined;
  const fault = (code: SpawnFault['code'], how: string) => (output: Output) =>
    new SpawnFault(code, describeExit(spec, how, output), {output});
  const stopBecause = (error: NonNullable<typeof failure>) => {
    failure ??= error;
    void child.stop();
  };
  const collecting = {
    maxBytes: maxOutputBytes,
    onTooMuch: () =>
      stopBecause(
        fault('SPAWN_OUTPUT_TOO_LARGE', `was stopped: it printed more than ${maxOutputBytes} bytes`),
      ),
    onEvent: options.onEvent,
    onError: (error: unknown) => stopBecause(() => error),
  };
  const stdout = collectOutput(child.stdout, 'out', collecting);
  const stderr = collectOutput(child.stderr, 'err', collecting);
  if (input !== undefined) child.stdin?.end(input);
  if (timeoutMs !== undefined) {
    const onTimeout = () => stopBecause(fault('SPAWN_TIMEOUT', `was stopped after ${timeoutMs} ms`));
    const timer = setTimeout(onTimeout, timeoutMs);
    void child.exited.then(() => clearTimeout(timer));
  }

  const exit = await child.finished;
  signal?.throwIfAborted();
  const output = {...exit, stdout: stdout(), stderr: stderr()};
  if (failure) throw failure(output);
  if (exit.code !== null && accept.includes(exit.code)) return output;
  const how = exit.code === null ? `was ended by ${exit.signal}` : `ended with exit code ${exit.code}`;
  throw fault('SPAWN_EXIT', how)(output);
}
