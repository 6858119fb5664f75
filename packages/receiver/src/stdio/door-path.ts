import {constants} from 'node:fs';
import {open, realpath} from 'node:fs/promises';
import {join} from 'node:path';

const SOCKET_PATH_MAX = 107; // sun_path in unix(7), less its NUL

/**
 * What this process calls the socket of the receiver that has a folder; by way of an open folder (proc(5), /proc/PID/fd) where its path
 * would be too long. Good until it is disposed.
 */
export async function openDoorPath(folder: string): Promise<{readonly path: string} & AsyncDisposable> {
  const real = await realpath(folder);
  const path = join(real, 'stdio.sock');
  if (Buffer.byteLength(path) <= SOCKET_PATH_MAX) return {path, [Symbol.asyncDispose]: async () => {}};
  const held = await open(real, constants.O_RDONLY | constants.O_DIRECTORY);
  return {path: `/proc/self/fd/${held.fd}/stdio.sock`, [Symbol.asyncDispose]: () => held.close()};
}
