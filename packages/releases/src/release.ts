/** `staged`: complete, but not proved yet. `good`: served through its bake window. `bad`: failed, or was rolled back from. */
export type ReleaseState = 'staged' | 'good' | 'bad';

/** What a release was made of. */
export interface ReleaseFacts {
  /** Digest of the archive. */
  readonly digest: string;
  readonly name: string;
  readonly version: string;
  /** Commit of the source. */
  readonly revision?: string | undefined;
  /** Number of the config revision that it runs with, also after a rollback to it; 0: none. */
  readonly config: number;
  /** Version of the Node that it runs with; undefined: the one that starts it. */
  readonly node?: string | undefined;
  /** Under which its dependencies are kept in the deploy root's store. */
  readonly dependencies?: string | undefined;
  /** Whom root let its code run as. */
  readonly user?: string | undefined;
}

/** An archive unpacked and prepared in a deploy root. */
export interface Release extends ReleaseFacts {
  readonly kind: 'release';
  /** Counted from 1, never used twice. */
  readonly number: number;
  /** Absolute. */
  readonly dir: string;
  /** ISO 8601. For people: order is decided by numbers. */
  readonly createdAt: string;
  readonly state: ReleaseState;
  /** ISO 8601: when it passed its bake window for the first time; also one that was rolled back from later has it. */
  readonly provedAt?: string | undefined;
  /** Why it is bad. */
  readonly because?: string | undefined;
  /** The release that was current when this one became it for the first time. */
  readonly replaced?: number | undefined;
  /** Blocks of what it shares with no other release and not with the store, in bytes. */
  readonly diskBytes?: number | undefined;
  /** Files that were rendered for it with its configuration, relative to `dir`. They are its own: no other release shares them. */
  readonly rendered?: readonly string[] | undefined;
}
