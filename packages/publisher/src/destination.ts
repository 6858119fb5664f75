export type Destination = GitDestination | FileDestination;

export interface GitDestination {
  readonly kind: 'git';
  /** http(s), ssh, `user@host:path`, file or an absolute path. */
  readonly url: string;
  /** Without `refs/heads/`. */
  readonly branch: string;
}

export interface FileDestination {
  readonly kind: 'file';
  /** Absolute. */
  readonly path: string;
}

/** Reads what a user wrote. */
export function parseDestination(text: string): Destination {
  throw new TypeError(text);
}
