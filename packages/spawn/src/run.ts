import type {StepOptions} from '@keelson/step';
import type {Exit, LaunchSpec} from './launch-spec.ts';

export interface Output extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** One line as it came, without its newline. */
export interface LineEvent {
  readonly type: 'spawn:line';
  readonly stream: 'out' | 'err';
  readonly line: string;
}

export interface RunOptions extends StepOptions<LineEvent> {
  /** Stops the command and rejects with SPAWN_TIMEOUT. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Per stream; beyond it the command is stopped and SPAWN_OUTPUT_TOO_LARGE is thrown. Default 64 MiB. */
  readonly maxOutputBytes?: number | undefined;
  /** Exit codes that resolve. Default [0]; any other, and any signal, rejects with SPAWN_EXIT. */
  readonly accept?: readonly number[] | undefined;
}

/** Runs a command to its end. Faults: all of SpawnFault. */
export async function run(spec: LaunchSpec, options: RunOptions = {}): Promise<Output> {
  options.signal?.throwIfAborted();
  throw new TypeError(`not yet: ${spec.command}`);
}
