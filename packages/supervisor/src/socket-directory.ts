import {existsSync, mkdtempSync} from 'node:fs';
import {mkdir, readdir, readlink, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';

/** `sun_path` of unix(7) has 108 bytes with its end; what we put behind the wanted directory needs this much of it. */
const MOST_BYTES = 107 - '/keelson-4194304-1z141z3-abcdef/1000000.99'.length;
const NAME = /^keelson-(\d+)-([\da-z]+)-\w{6}$/;

/** A directory that only we can enter, for the private sockets of workers. */
export interface SocketDirectory extends AsyncDisposable {
  /** A path that nobody else has. */
  newPath(): string;
}

/**
 * Makes a directory of mode 0700 in the wanted one, or in the temporary one when that path is too long for a socket.
 * What supervisors that are gone have left there is removed.
 */
export async function openSocketDirectory(wanted: string): Promise<SocketDirectory> {
  const absolute = resolve(wanted);
  const parent = Buffer.byteLength(absolute) > MOST_BYTES ? tmpdir() : absolute;
  await mkdir(parent, {recursive: true, mode: 0o700});
  const here = await pidNamespace();
  for (const name of await readdir(parent)) {
    const [, pid, namespace] = NAME.exec(name) ?? [];
    // Another user's stays: it is not ours to remove.
    if (namespace === here && !isAlive(Number(pid))) await remove(join(parent, name)).catch(() => {});
  }
  const make = (): string => mkdtempSync(join(parent, `keelson-${process.pid}-${here}-`));
  let path = make();
  let count = 0;
  return {
    newPath() {
      // What tidies the temporary directory up takes it after some days.
      if (!existsSync(path)) path = make();
      return join(path, String(++count));
    },
    [Symbol.asyncDispose]: () => remove(path),
  };
}

/** Whose process ids ours are: in a container that shares the directory the same ones mean others. */
async function pidNamespace(): Promise<string> {
  const [inode = '0'] = /\d+/.exec(await readlink('/proc/self/ns/pid').catch(() => '')) ?? [];
  return Number(inode).toString(36);
}

const remove = (path: string): Promise<void> => rm(path, {recursive: true, force: true});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
