import {isFault} from '@keelson/step';
import {temporaryDirectory} from '@keelson/atomic-fs';
import type {Protocol, Reply, Verdict} from './accept.ts';
import type {Desk} from './desk.ts';
import {keepAccepted} from './last-accepted.ts';
import {openArrival} from './open-arrival.ts';
import {Superseded} from './turns.ts';

/** What has arrived whole, by whichever way. */
export interface Arrival {
  readonly app: string;
  readonly workspace?: string | undefined;
  /** A folder or a tarball, on the file system of the app's folder. */
  readonly path: string;
  readonly revision: string;
  readonly branch?: string | undefined;
  readonly protocol: Protocol;
  readonly by?: string | undefined;
}

/** From arrival to verdict, when it is the app's turn. Never rejects: whatever goes wrong refuses the push with its reason. */
export async function judge(arrival: Arrival, desk: Desk, reply: Reply): Promise<Verdict> {
  const {app, revision} = arrival;
  const {verdict, leave} = await inTurn(app, {desk, reply, path: arrival.path}, () =>
    judgeNow(arrival, desk, reply),
  );
  leave();
  if (!verdict.accepted) desk.onEvent({type: 'receiver:refused', app, revision, because: verdict.because});
  return verdict;
}

/**
 * Does one thing at a time for a key; whoever waits for it says so, and gives way to a newer one. Never rejects. The turn is over when
 * `leave` is called.
 */
export async function inTurn<V extends Verdict>(
  key: string,
  {
    desk: {turns},
    reply: {line, signal},
    path,
  }: {
    readonly desk: Pick<Desk, 'turns'>;
    readonly reply: Reply;
    /** Of what has arrived. */
    readonly path?: string | undefined;
  },
  work: () => Promise<V>,
): Promise<{readonly verdict: V | Verdict; readonly leave: () => void}> {
  let leave = () => {};
  try {
    const onWait = () => line('Another push of this app is being deployed; waiting for it.');
    leave = await turns.take(key, {signal, onWait});
    return {verdict: await work(), leave};
  } catch (error) {
    if (error instanceof Superseded) return {verdict: {accepted: false, because: error.message}, leave};
    return {
      verdict: {accepted: false, because: signal.aborted ? givenUp(signal) : explain(error, path)},
      leave,
    };
  }
}

export function givenUp({reason}: AbortSignal): string {
  const {message = String(reason)} = reason as Partial<Error>;
  return `The push was given up: ${message}.`;
}

async function judgeNow(arrival: Arrival, desk: Desk, reply: Reply): Promise<Verdict> {
  const {app, path, ...facts} = arrival;
  const {acceptMs, files, treeBytes} = desk.limitsOf(app);
  const folder = await desk.folderOf(app);
  await using scratch = await temporaryDirectory({prefix: 'unpacked-', parent: folder.incoming});
  const brought = await openArrival(path, {
    app,
    packages: desk.packages,
    scratch: scratch.path,
    limits: {entries: files, bytes: treeBytes},
    signal: reply.signal,
  });
  if ('because' in brought) return {accepted: false, because: brought.because};
  const {revision} = arrival;
  const digest = brought.archive?.digest;
  desk.onEvent({type: 'receiver:received', app, revision, digest});
  const deadline = AbortSignal.timeout(acceptMs);
  const signal = AbortSignal.any([reply.signal, deadline]);
  try {
    const verdict = await desk.accept({kind: 'received', app, ...facts, ...brought}, {...reply, signal});
    if (!verdict.accepted) return verdict;
    await keepAccepted(folder, revision);
    desk.onEvent({type: 'receiver:accepted', app, revision, digest});
    return verdict;
  } catch (error) {
    if (!deadline.aborted || reply.signal.aborted) throw error;
    return {accepted: false, because: `Given up: it took longer than ${acceptMs / 1000} s.`};
  }
}

/** What a pusher is told about a failure; where its files lie here is nothing to it. */
export function explain(error: unknown, path?: string): string {
  if (isFault(error)) {
    const text = error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
    return path === undefined ? text : text.replaceAll(`${path}/`, '').replaceAll(path, 'the file');
  }
  return `The receiver failed: ${error instanceof Error ? error.message : String(error)}`;
}
