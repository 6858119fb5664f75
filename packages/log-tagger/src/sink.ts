import type {FormatOptions, LineFormat} from './line-format.ts';

/**
 * A place that lines go to. It knows nothing of limits or retries: `SinkQueue` gives it one chunk at a time and, when it
 * has failed, opens it again.
 */
export interface Sink {
  /** For messages, without credentials: `stdout`, `/var/log/app.log`, `syslog+tcp://host:514`. */
  readonly name: string;
  /** False: cannot be opened again, as a stream of somebody else's; its first failure is its last. Default true. */
  readonly reopens?: boolean | undefined;
  /** How long to wait after a failure before it is opened again. Default 1000. */
  readonly retryMs?: number | undefined;
  /** Lines framed the sink's own way, as syslog does it. Default: the tagger's format. */
  readonly format?: ((options: FormatOptions) => LineFormat) | undefined;
  /** Opens, or opens again after a failure; rejects with the system's error. */
  open(): Promise<void>;
  /**
   * Takes whole lines (latin1, one character a byte). Undefined: they are there already; else resolves when they are.
   * Never called while another write is on its way. Rejects with the system's error, `written` of whose bytes have arrived.
   */
  write(lines: string): Promise<void> | undefined;
  /** How many lines a text of whole lines has. Default: as many as newlines. */
  count?(lines: string): number;
  /** Opens the name again, as after `logrotate`: what was written so far is in the old file, what comes is in the new one. */
  reopen?(): Promise<void>;
  /** Delivers what it holds, then lets go. */
  close(): Promise<void>;
}

/** How a write failed: the first `written` characters, which end with a line, have arrived; the rest has not. Default 0. */
export interface SinkWriteError extends NodeJS.ErrnoException {
  readonly written?: number | undefined;
}
