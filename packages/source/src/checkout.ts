import type {HttpSource, Source} from './parse-source.ts';

/** Where the sources stand in their history, as far as that is known. */
export interface Revision {
  /** Full commit hash. */
  readonly revision?: string | undefined;
  /** URL of the repository, without credentials. */
  readonly origin?: string | undefined;
  /** The work tree differed from the commit. */
  readonly dirty?: boolean | undefined;
}

/** A source made local, in a private folder that may be changed. Disposing removes it. */
export interface Checkout extends Revision, AsyncDisposable {
  readonly kind: 'checkout';
  /** Absolute; nobody else can read it. */
  readonly dir: string;
  /** Without credentials; a tarball from the web is a `tarball` whose `path` is its URL. */
  readonly from: Exclude<Source, HttpSource>;
}

export type SourceEvent =
  | {readonly type: 'source:excluded'; readonly path: string; readonly because: string}
  /** Bytes of a download. */
  | {readonly type: 'source:fetched'; readonly done: number; readonly total: number};
