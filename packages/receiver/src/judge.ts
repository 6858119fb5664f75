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
  const {verdict, leave} = await inTurn(app, {desk, reply}, () => judgeNow(arrival, desk, reply));
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
  {desk: {turns}, reply: {line, signal}}: {readonly desk: Pick<Desk, 'turns'>; readonly reply: Reply},
  work: () => Promise<V>,
): Promise<{readonly verdict: V | Verdict; readonly leave: () => void}> {
  let leave = () => {};
  try {
    const onWait = () => line('Another push of this app is being deployed; waiting for it.');
    leave = await turns.take(key, {signal, onWait});
    return {verdict: await work(), leave};
  } catch (error) {
    if (error instanceof Superseded) return {verdict: {accepted: false, because: error.message}, leave};
    return {verdict: {accepted: false, because: signal.aborted ? GIVEN_UP : explain(error)}, leave};
  }
}

const GIVEN_UP = 'The push was given up.';

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

/** What a pusher is told about a failure. */
export function explain(error: unknown): string {
  if (isFault(error)) return error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
  return `The receiver failed: ${error instanceof Error ? error.message : String(error)}`;
}
