import type {Archive} from '@keelson/archive';

/** Sources that were pushed without being built. */
export interface RawPackage {
  readonly kind: 'package';
  /** A folder on the file system of the receiver's root, removed after `accept` unless it was moved away. */
  readonly path: string;
  /** Of package.json; the app's name where it has none. */
  readonly name: string;
  /** Of package.json; `0.0.0` where it has none. */
  readonly version: string;
}

export type Protocol = 'git' | 'http' | 'ssh' | 'folder';

interface Delivery {
  readonly kind: 'received';
  readonly app: string;
  /** Which of the repository's workspaces the app is; undefined: its root. */
  readonly workspace?: string | undefined;
  /** git: the commit. Else `sha256-…` of the file's bytes. */
  readonly revision: string;
  /** git alone. */
  readonly branch?: string | undefined;
  readonly protocol: Protocol;
  /** Name of the token that let it in; undefined where none is asked for. */
  readonly by?: string | undefined;
}

/** What a push brought: an archive (a tarball or a folder, removed after `accept` unless it was moved away), or a package. */
export type Received = Delivery &
  (
    | {readonly archive: Archive; readonly package?: undefined}
    | {readonly archive?: undefined; readonly package: RawPackage}
  );

/** The pusher's end of the line. */
export interface Reply {
  /** Appears in the pusher's terminal at once. */
  readonly line: (text: string) => void;
  /** Aborted when the pusher goes away, the receiver closes, or `limits.acceptMs` are over. */
  readonly signal: AbortSignal;
}

export type Verdict =
  | {readonly accepted: true}
  | {readonly accepted: false; readonly because: string; readonly temporary?: boolean | undefined};

/** Decides about a push. Only after `accepted: true` does the branch move; a rejection counts as a refusal. One at a time per app. */
export type Accept = (received: Received, reply: Reply) => Promise<Verdict>;
