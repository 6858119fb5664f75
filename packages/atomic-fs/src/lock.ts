import type {StepOptions} from '@keelson/step';

export interface LockOptions extends StepOptions {
  /** Shown to whoever waits for the lock, e.g. `deploy of 1.2.0`. */
  readonly reason?: string | undefined;
  /** How long to wait for another owner. Default 0. */
  readonly waitMs?: number | undefined;
}

/** Held until disposed or until this program ends, however it ends. */
export interface DirectoryLock extends AsyncDisposable {
  /** The lock file, `<dir>/lock`. */
  readonly path: string;
}

/** Takes the lock of a directory (made when missing). Faults: LOCK_HELD (temporary; names the owner's pid and reason). */
export async function lockDirectory(dir: string, options: LockOptions = {}): Promise<DirectoryLock> {
  options.signal?.throwIfAborted();
  throw new TypeError(`not yet: ${dir}`);
}
