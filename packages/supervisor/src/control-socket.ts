import {once} from 'node:events';
import {chmod, lstat, mkdir, rename, rm} from 'node:fs/promises';
import net from 'node:net';
import {dirname, resolve} from 'node:path';
import {SupervisorFault} from './fault.ts';

/** `sun_path` of unix(7) has 108 bytes with its end. */
const MOST_BYTES = 107;
const ASK_MS = 1000;

/** A listening unix socket; disposing removes it, unless somebody else has put theirs in its place. */
export interface ControlSocket extends AsyncDisposable {
  readonly path: string;
}

/**
 * Listens on a unix socket of mode 0600. A directory that is missing is made, with mode 0700. A socket that nobody answers on
 * (its owner was killed) is replaced in one step; anything else in its place stays.
 * @throws SupervisorFault SUPERVISOR_CONTROL_PATH, SUPERVISOR_CONTROL_IN_USE
 */
export async function listenOnControlSocket(server: net.Server, wanted: string): Promise<ControlSocket> {
  const path = resolve(wanted);
  const temporary = `${path}.${process.pid}`;
  const refuse = (because: string, hint?: string): never => {
    throw new SupervisorFault('SUPERVISOR_CONTROL_PATH', `Cannot listen on ${path}: ${because}`, {hint});
  };
  const tooLong = Buffer.byteLength(temporary) - MOST_BYTES;
  if (tooLong > 0)
    refuse('the path of a unix socket cannot be so long', `Choose one that is ${tooLong} bytes shorter.`);
  try {
    await mkdir(dirname(path), {recursive: true, mode: 0o700});
    const there = await lstat(path, {bigint: true}).catch(() => undefined);
    if (there && !there.isSocket())
      refuse('what is there is no socket', 'Remove it, or choose another path.');
    if (there && (await answers(path)))
      throw new SupervisorFault('SUPERVISOR_CONTROL_IN_USE', `A supervisor answers on ${path} already`, {
        hint: 'Stop that one, or choose another path.',
      });
    await rm(temporary, {force: true});
    const listening = once(server, 'listening');
    const before = process.umask(0o177);
    try {
      server.listen(temporary);
    } finally {
      process.umask(before);
    }
    await listening;
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  } catch (error) {
    server.close();
    await rm(temporary, {force: true}).catch(() => {});
    const {code, message} = error as NodeJS.ErrnoException;
    if (error instanceof SupervisorFault || code === undefined) throw error;
    throw new SupervisorFault('SUPERVISOR_CONTROL_PATH', `Cannot listen on ${path}: ${message}`, {
      cause: error,
    });
  }
  const {ino} = await lstat(path, {bigint: true});
  return {
    path,
    async [Symbol.asyncDispose]() {
      server.close();
      const now = await lstat(path, {bigint: true}).catch(() => undefined);
      if (now?.ino === ino) await rm(path, {force: true}).catch(() => {});
    },
  };
}

/** Whether a process listens there. One that is too busy to accept within a second counts. */
async function answers(path: string): Promise<boolean> {
  const socket = net.connect(path);
  try {
    await once(socket, 'connect', {signal: AbortSignal.timeout(ASK_MS)});
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}
