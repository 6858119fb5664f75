import {chmod, mkdir, mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';

/** `sun_path` of unix(7) has 108 bytes with its end; our longest name in the directory needs this much of it. */
const MOST_BYTES = 107 - '/4194304-1000000.sock.999'.length;
const NAME = /^(\d+)-\d+\.sock(\.\d+)?$/;

/** A directory that only we can enter, for the private sockets of workers. */
export interface SocketDirectory extends AsyncDisposable {
  /** A path that nobody else has. */
  newPath(): string;
}

/** @param wanted made when missing; when its path is too long for a socket, a temporary directory takes its place */
export async function openSocketDirectory(wanted: string): Promise<SocketDirectory> {
  const absolute = resolve(wanted);
  const isTooLong = Buffer.byteLength(absolute) > MOST_BYTES;
  const path = isTooLong ? await mkdtemp(join(tmpdir(), 'keelson-')) : absolute;
  await mkdir(path, {recursive: true, mode: 0o700});
  await chmod(path, 0o700);
  await removeSockets(path, (pid) => !isAlive(pid));
  let count = 0;
  return {
    newPath: () => join(path, `${process.pid}-${++count}.sock`),
    async [Symbol.asyncDispose]() {
      if (isTooLong) await rm(path, {recursive: true, force: true});
      else await removeSockets(path, (pid) => pid === process.pid);
    },
  };
}

/** Removes what supervisors that are gone have left behind, and in the end what is ours. */
async function removeSockets(path: string, isOurs: (pid: number) => boolean): Promise<void> {
  for (const name of await readdir(path)) {
    const [, pid] = NAME.exec(name) ?? [];
    if (pid !== undefined && isOurs(Number(pid))) await rm(join(path, name), {force: true});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
