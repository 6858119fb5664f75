import type {StepOptions} from '@keelson/step';
import type {Accept} from './accept.ts';

export type ReceiverEvent =
  | {readonly type: 'receiver:listened'; readonly url: string}
  | {
      readonly type: 'receiver:received' | 'receiver:accepted';
      readonly app: string;
      readonly revision: string;
      readonly digest: string;
    }
  | {
      readonly type: 'receiver:refused';
      readonly app: string;
      readonly revision: string;
      readonly because: string;
    };

export interface ReceiverOptions extends StepOptions<ReceiverEvent> {
  /** Holds `<app>/.keelson/repository.git` of each app. */
  readonly root: string;
  /** Default 127.0.0.1. Any address that is not loopback needs a token. */
  readonly host?: string | undefined;
  /** Default 0: a free one. */
  readonly port?: number | undefined;
  /** Password of HTTP Basic authentication (any user name). */
  readonly token?: string | undefined;
  /** Apps that may be pushed to. Default: any good name. */
  readonly apps?: readonly string[] | undefined;
  readonly limits?: Partial<ReceiverLimits> | undefined;
}

export interface ReceiverLimits {
  /** Of one push over the wire. Default 2 GiB. */
  readonly bodyBytes: number;
  /** Of the files in a pushed tree together. Default 2 GiB. */
  readonly treeBytes: number;
  /** Files in a pushed tree. Default 200 000. */
  readonly files: number;
  /** How long a pusher may send nothing before the end of its push. Default 60 000. */
  readonly stallMs: number;
  /** How long closing waits for running pushes before it aborts them. Default 10 000. */
  readonly closeMs: number;
}

export interface Receiver extends AsyncDisposable {
  readonly kind: 'receiver';
  /** `http://host:port`; an app is pushed to at `<url>/<app>.git`. */
  readonly url: string;
  readonly address: {readonly host: string; readonly port: number};
  /** Takes no new push, waits for the running ones, aborts those that take longer than `limits.closeMs`. */
  close(): Promise<void>;
}

/** Listens for `git push` and hands each pushed archive to `accept`. */
export async function startReceiver(accept: Accept, options: ReceiverOptions): Promise<Receiver> {
  options.signal?.throwIfAborted();
  throw new TypeError(`${accept.name} ${options.root}`);
}
