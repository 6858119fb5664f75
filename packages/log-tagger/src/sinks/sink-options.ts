/** What a sink tells beside failing; it goes on. */
export interface SinkEvent {
  /**
   * rotation-failed: the file grows beyond its size, tried again. gzip-failed: the rotated file stays as it is.
   * retention-failed: an old file stays. command-ended: it is started again.
   */
  readonly type:
    | 'log-tagger:rotation-failed'
    | 'log-tagger:gzip-failed'
    | 'log-tagger:retention-failed'
    | 'log-tagger:command-ended';
  readonly sink: string;
  readonly because: string;
}

export interface SinkOptions {
  /** Milliseconds since 1970. Default Date.now. */
  readonly now?: (() => number) | undefined;
  readonly onEvent?: ((event: SinkEvent) => void) | undefined;
}
