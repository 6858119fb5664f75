import type {Archive} from '@keelson/archive';
import type {StepOptions} from '@keelson/step';
import type {Destination} from './destination.ts';

export interface Publication {
  readonly kind: 'publication';
  /** Without credentials. */
  readonly to: Destination;
  /** Of the archive. */
  readonly digest: string;
  /** git: the commit. file: `sha256-…` of the file's bytes. */
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

/** What an adapter tells; the rest of a publication is the same for all. */
export type Outcome = Pick<Publication, 'revision' | 'result' | 'lines'>;

/** Brings an archive to one kind of destination. */
export type PublishTo<D> = (archive: Archive, to: D, options: PublishOptions) => Promise<Outcome>;

/**
 * Brings an archive to a destination. A refusal by the receiver is a result, not a fault.
 * Faults: GitFault (GIT_AUTH, GIT_NOT_FOUND, GIT_UNREACHABLE …), ArchiveFault, PUBLISHER_NEEDS_FILE (a folder cannot be copied to a file).
 */
export async function publish(
  archive: Archive,
  to: Destination,
  options: PublishOptions = {},
): Promise<Publication> {
  options.signal?.throwIfAborted();
  const [{destinations}, {printable}] = await Promise.all([
    import('./destinations.ts'),
    import('./destination.ts'),
  ]);
  const publishTo = destinations[to.kind] as PublishTo<Destination>;
  const outcome = await publishTo(archive, to, options);
  return {kind: 'publication', to: printable(to), digest: archive.digest, ...outcome};
}
