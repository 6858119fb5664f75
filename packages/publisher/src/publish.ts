import {setTimeout} from 'node:timers/promises';
import type {Archive} from '@keelson/archive';
import {isFault, type Fault, type StepOptions} from '@keelson/step';
import type {Destination} from './destination.ts';
import type {PublisherFault} from './fault.ts';
import type {Package} from './parcel/package.ts';
import type {Parcel} from './parcel/parcel.ts';
import type {FailedPublication, Outcome, Publication, Publications, PublishEvent} from './publication.ts';

export interface PublishOptions extends StepOptions<PublishEvent> {
  /** Password for http(s) destinations; wins over the URL's own. */
  readonly token?: string | undefined;
  /** Of the commit. Default now. */
  readonly date?: Date | undefined;
  /** How often something temporary is tried. Default 4. */
  readonly tries?: number | undefined;
  /** Silence after which the other side is given up, thirty times that when it has everything and works on it. Default 60 000. */
  readonly stallMs?: number | undefined;
  readonly ssh?: SshOptions | undefined;
}

export interface SshOptions {
  /** Shell words that start ssh, `ssh -i key`. Default `ssh`. */
  readonly command?: string | undefined;
  /** Runs on the machine when the file is in place (sftp and scp). */
  readonly thenRun?: string | undefined;
  /** What is run on a receiver's machine. Default `keelson-receive --stdio`; a forced command wins. */
  readonly receive?: string | undefined;
}

/** Brings a parcel to one kind of destination. */
export type PublishTo<D> = (parcel: Parcel, to: D, options: PublishOptions) => Promise<Outcome>;

/**
 * Brings an archive, or a package as it is, to a destination. What is temporary is tried again, with growing pauses; a refusal by the
 * receiver is a result, not a fault. Faults: PUBLISHER_AUTH, PUBLISHER_UNREACHABLE (temporary), PUBLISHER_REMOTE, PUBLISHER_THEN,
 * PUBLISHER_DESTINATION; GitFault (GIT_AUTH, GIT_NOT_FOUND, GIT_UNREACHABLE …), ArchiveFault.
 */
export async function publish(
  what: Archive | Package,
  to: Destination,
  options: PublishOptions = {},
): Promise<Publication> {
  const {openParcel} = await import('./parcel/parcel.ts');
  await using parcel = openParcel(what);
  return await deliver(parcel, to, options);
}

/** The same for several destinations, one after the other; one that fails does not keep the others from getting it. */
export async function publishToAll(
  what: Archive | Package,
  destinations: readonly Destination[],
  options: PublishOptions = {},
): Promise<Publications> {
  const [{openParcel}, {printable}] = await Promise.all([
    import('./parcel/parcel.ts'),
    import('./destination.ts'),
  ]);
  await using parcel = openParcel(what);
  const publications: (Publication | FailedPublication)[] = [];
  for (const to of destinations)
    try {
      publications.push(await deliver(parcel, to, options));
    } catch (error) {
      options.signal?.throwIfAborted();
      const {code, message, hint, temporary = false} = error as Partial<Fault> & Error;
      if (typeof code !== 'string') throw error; // a mistake of ours
      publications.push({
        kind: 'publication',
        to: printable(to),
        digest: what.digest,
        revision: '',
        result: 'failed',
        lines: [],
        error: {code, message, hint, temporary},
      });
    }
  return {kind: 'publications', digest: what.digest, publications};
}

async function deliver(parcel: Parcel, to: Destination, options: PublishOptions): Promise<Publication> {
  const {signal, onEvent, tries = 4} = options;
  signal?.throwIfAborted();
  const [{destinations}, {printable}, {pauseAfter}] = await Promise.all([
    import('./destinations.ts'),
    import('./destination.ts'),
    import('@keelson/source'),
  ]);
  const publishTo = destinations[to.kind] as PublishTo<Destination>;
  for (let tried = 1; ; tried++)
    try {
      const outcome = await publishTo(parcel, to, options);
      return {kind: 'publication', digest: parcel.digest, ...outcome, to: printable(outcome.to ?? to)};
    } catch (error) {
      signal?.throwIfAborted();
      if (tried >= tries || !mayHelp(error)) throw error;
      const pauseMs = Math.round((error as PublisherFault).retryAfterMs ?? pauseAfter(tried));
      onEvent?.({type: 'publisher:failed', because: error.message, pauseMs});
      await setTimeout(pauseMs, undefined, {signal}).catch(() => signal?.throwIfAborted());
    }
}

/** Another try may help where the network failed. A branch that others keep moving is another matter. */
function mayHelp(error: unknown): error is Fault {
  return isFault(error) && error.temporary && error.code.endsWith('UNREACHABLE');
}
