/** Values bound at deploy time, as the text of an env file. Secret: never print it. */
export interface ConfigRevision {
  readonly kind: 'config-revision';
  /** Counted from 1; 0 is the empty revision of an app that was never configured, which has no file. */
  readonly number: number;
  /** Absolute; 0600. */
  readonly path: string;
  readonly text: string;
}

export interface ConfigRevisions {
  /** The newest: what the next deploy binds. */
  current(): Promise<ConfigRevision>;
  /** A revision that a release is pinned to. Fault RELEASE_MISSING. */
  read(number: number): Promise<ConfigRevision>;
  /** Writes the next one. */
  add(text: string): Promise<ConfigRevision>;
}
