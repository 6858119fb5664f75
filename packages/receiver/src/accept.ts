import type {Archive} from '@keelson/archive';

/** What a push brought. */
export interface Received {
  readonly kind: 'received';
  readonly app: string;
  /** Form `directory`: a folder on the file system of the receiver's root, removed after `accept` unless it was moved away. */
  readonly archive: Archive;
  /** Commit that was pushed. */
  readonly revision: string;
  readonly branch: string;
  readonly protocol: 'git';
}

/** The pusher's end of the line. */
export interface Reply {
  /** Appears in the pusher's terminal at once. */
  line(text: string): void;
  /** Aborted when the pusher goes away or the receiver closes. */
  readonly signal: AbortSignal;
}

export type Verdict = {readonly accepted: true} | {readonly accepted: false; readonly because: string};

/** Decides about a push. Only after `accepted: true` does the branch move; a rejection counts as a refusal. One at a time per app. */
export type Accept = (received: Received, reply: Reply) => Promise<Verdict>;
