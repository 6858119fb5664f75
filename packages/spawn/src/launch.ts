import type {Readable, Writable} from 'node:stream';
import type {StepOptions} from '@keelson/step';
import type {Exit, LaunchSpec} from './launch-spec.ts';

export interface StopOptions {
  /** The first signal, default SIGTERM. */
  readonly signal?: NodeJS.Signals | undefined;
  /** How long the group may take before SIGKILL, default 10 000. */
  readonly graceMs?: number | undefined;
}

/** A running process group. Disposing stops it. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Null unless the spec said `stdin: 'pipe'`. */
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the process itself has ended; a grandchild may still hold its pipes. */
  readonly exited: Promise<Exit>;
  /** Sends over the IPC channel; false when there is none or it is closed. */
  send(message: object): boolean;
  onMessage(listener: (message: unknown) => void): void;
  /** Signals the whole group. */
  kill(signal: NodeJS.Signals): void;
  /** Signals the group, waits for the process, and after the grace kills what is left of the group. */
  stop(options?: StopOptions): Promise<Exit>;
}

/** Starts a command in its own process group. Aborting `signal` stops it. Faults: SPAWN_NOT_FOUND. */
export async function launch(spec: LaunchSpec, options: StepOptions = {}): Promise<Child> {
  options.signal?.throwIfAborted();
  throw new TypeError(`not yet: ${spec.command}`);
}
