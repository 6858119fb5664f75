import type {Duplex, Readable, Writable} from 'node:stream';
import type {StepOptions} from '@keelson/step';
import type {Exit, LaunchSpec} from './launch-spec.ts';
import {startChild} from './start-child.ts';

export interface LaunchOptions extends StepOptions {
  /** How long the group may take to end when it is stopped, aborted or disposed, before SIGKILL. Default 10 000. */
  readonly graceMs?: number | undefined;
}

export interface StopOptions {
  /** The first signal, default SIGTERM. */
  readonly signal?: NodeJS.Signals | undefined;
  /** Default: the one of the launch. */
  readonly graceMs?: number | undefined;
}

/** A running process group. Disposing stops it. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Null unless the spec said `stdin: 'pipe'`. */
  readonly stdin: Writable | null;
  /**
   * Read or resume() both, at once: a child waits when a pipe is full, and what nobody reads is thrown away when it ends.
   * Both end shortly after the group at the latest.
   */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Null unless the spec said `connection`. Programs that the child starts have it, too, unless it closes it. */
  readonly connection: Duplex | null;
  /** Resolves when the process itself has ended; others of its group may still run, and its output may not be read to its end. */
  readonly exited: Promise<Exit>;
  /** Sends over the IPC channel; false when there is none or it is closed. */
  send(message: object): boolean;
  /** Whatever the app sends: an object, a string, anything. */
  onMessage(listener: (message: unknown) => void): void;
  /** Signals the whole group; nothing happens when it is gone. */
  kill(signal: NodeJS.Signals): void;
  /** Signals the group, and kills it after the grace. Resolves when nobody of the group runs any more. */
  stop(options?: StopOptions): Promise<Exit>;
}

/**
 * Starts a command in a process group of its own. The group ends with its first process: what that leaves behind gets two seconds,
 * then SIGTERM, then after the grace SIGKILL. Aborting `signal` stops it; the end of our program, even by SIGKILL, ends it, too.
 * Faults: SPAWN_NOT_FOUND, SPAWN_FAILED.
 */
export async function launch(spec: LaunchSpec, options: LaunchOptions = {}): Promise<Child> {
  const {finished: _, ...child} = await startChild(spec, options);
  return child;
}
