import type {Archive} from '@keelson/archive';
import type {StepOptions} from '@keelson/step';
import type {Destination} from './destination.ts';

export interface Publication {
  readonly kind: 'publication';
  /** Without credentials. */
  readonly to: Destination;
  /** Of the archive. */
  readonly digest: string;
  /** git: the commit. file: `fileDigest`. */
  readonly revision: string;
  /** 'refused': the receiver said no, `lines` tell why. */
  readonly result: 'published' | 'already-published' | 'refused';
  /** What the receiver said. */
  readonly lines: readonly string[];
}

export type PublishEvent =
  | {readonly type: 'publisher:committed'; readonly revision: string}
  | {readonly type: 'publisher:remote'; readonly line: string};

export interface PublishOptions extends StepOptions<PublishEvent> {
  /** Password for http(s) destinations; wins over the URL's own. */
  readonly token?: string | undefined;
  /** Of the commit. Default now. */
  readonly date?: Date | undefined;
}

/** Brings an archive to a destination. */
export async function publish(
  archive: Archive,
  to: Destination,
  options: PublishOptions = {},
): Promise<Publication> {
  options.signal?.throwIfAborted();
  throw new TypeError(`${archive.path} ${to.kind}`);
}
