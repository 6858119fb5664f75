import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {join} from 'node:path';
import type {Readable, Writable} from 'node:stream';
import {setTimeout as delay} from 'node:timers/promises';
import {isFault} from '@keelson/step';
import type {Accept} from '../accept.ts';
import {ReceiverFault} from '../fault.ts';
import {startReceiver, type ReceiverOptions} from '../receiver.ts';
import {openDoorPath} from './door-path.ts';
import {firstLine} from './first-line.ts';
import type {LocalRequest} from './serve-local.ts';

export interface Streams {
  readonly stdin: Readable;
  readonly stdout: Writable;
}

/**
 * Serves one session over a pair of streams, as ssh gives them: through the receiver of the root when one runs, else through one that
 * is there for this session alone. Resolves with the exit code: 0, 1 refused, 75 try again.
 * Faults: RECEIVER_REFUSED (no such app …), and those of `startReceiver`.
 */
export async function speak(
  request: LocalRequest,
  {stdin, stdout}: Streams,
  {accept, ...options}: ReceiverOptions & {readonly accept: Accept},
): Promise<number> {
  await using connection = await connectOrStart(accept, options);
  const {socket} = connection;
  socket.write(`${JSON.stringify(request)}\n`);
  if ('git' in request) {
    const answer = JSON.parse((await firstLine(socket)) ?? '{}') as {open?: boolean; because?: string};
    if (answer.open !== true)
      throw new ReceiverFault('RECEIVER_REFUSED', answer.because ?? 'The receiver went away.');
  }
  let last = '';
  stdin.pipe(socket);
  socket.on('data', (chunk: Buffer) => (last = (last + chunk.toString('latin1')).slice(-4096)));
  socket.pipe(stdout, {end: false});
  await once(socket, 'close');
  stdin.unpipe(socket);
  stdin.destroy();
  return 'git' in request ? 0 : codeOf(last);
}

/** A receiver that another session has just begun to start answers soon. */
const TRIES = 50;
const TRY_MS = 100;

async function connectOrStart(
  accept: Accept,
  options: ReceiverOptions,
): Promise<{readonly socket: Socket} & AsyncDisposable> {
  for (let tries = 1; ; tries++) {
    const socket = await connectTo(options.root);
    if (socket !== undefined) return {socket, [Symbol.asyncDispose]: async () => void socket.destroy()};
    try {
      const own = await startReceiver(accept, {...options, listen: false});
      const inside = await connectTo(options.root);
      return {socket: inside!, [Symbol.asyncDispose]: () => own.close()};
    } catch (error) {
      if (!isFault(error) || error.code !== 'LOCK_HELD' || tries === TRIES) throw error;
      await delay(TRY_MS);
    }
  }
}

/** The connection; undefined when no receiver has the root. */
async function connectTo(root: string): Promise<Socket | undefined> {
  try {
    await using door = await openDoorPath(join(root, '.keelson/receiver'));
    const socket = connect({path: door.path, allowHalfOpen: true});
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw error;
  }
}

function codeOf(end: string): number {
  try {
    const verdict = JSON.parse(end.trimEnd().split('\n').at(-1) ?? '') as {
      result?: string;
      temporary?: boolean;
    };
    if (verdict.result?.endsWith('published') === true) return 0;
    return verdict.temporary === true ? 75 : 1;
  } catch {
    return 1;
  }
}
