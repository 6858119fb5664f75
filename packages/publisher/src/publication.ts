import type {Destination} from './destination.ts';

export interface Publication {
  readonly kind: 'publication';
  /** Without credentials. */
  readonly to: Destination;
  /** Of the archive; of a package that was not built, over its files by the same rule. */
  readonly digest: string;
  /** git: the commit. A receiver: its release, if it told. Else `sha256-…` of the bytes that were sent. */
  readonly revision: string;
  /** 'refused': the receiver said no, `lines` tell why. */
  readonly result: 'published' | 'already-published' | 'refused';
  /** What the receiver said. */
  readonly lines: readonly string[];
}

/** One of several destinations could not be published to. */
export interface FailedPublication extends Omit<Publication, 'result'> {
  readonly result: 'failed';
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string | undefined;
    readonly temporary: boolean;
  };
}

/** What several destinations gave, in their order. */
export interface Publications {
  readonly kind: 'publications';
  readonly digest: string;
  readonly publications: readonly (Publication | FailedPublication)[];
}

export type PublishEvent =
  | {readonly type: 'publisher:committed'; readonly revision: string}
  /** Bytes of the file, or of the pack, that were sent. */
  | {readonly type: 'publisher:sent'; readonly done: number; readonly total: number}
  | {readonly type: 'publisher:remote'; readonly line: string}
  /** Something temporary: it is tried again after `pauseMs`. */
  | {readonly type: 'publisher:failed'; readonly because: string; readonly pauseMs: number};

/** What an adapter tells; the rest of a publication is the same for all. */
export type Outcome = Pick<Publication, 'revision' | 'result' | 'lines'> & {
  /** Where it is, when the destination named a folder. */
  readonly to?: Destination | undefined;
};
