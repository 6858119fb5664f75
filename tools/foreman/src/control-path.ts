import {createHash} from 'node:crypto';
import {realpathSync} from 'node:fs';
import {lstat, mkdir, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {isAbsolute, join, resolve} from 'node:path';
import {getuid} from 'node:process';

/** `sun_path` of unix(7) has 108 bytes with its end. */
export const MAX_SOCKET_BYTES = 107;
/** Behind the folder: `/`, 16 digits of a hash, `.`, a pid. */
const NAME_BYTES = '/0123456789abcdef.4194304'.length;

/** Where the control sockets of a user are: the first one is used that can be. */
export function controlFolders(runtimeDirectory: string | undefined): string[] {
  const runtime = runtimeDirectory !== undefined && isAbsolute(runtimeDirectory);
  const folders = [
    ...(runtime ? [join(runtimeDirectory, 'keelson-foreman')] : []),
    ...[tmpdir(), '/tmp'].map((folder) => join(folder, `keelson-foreman-${getuid!()}`)),
  ];
  return [...new Set(folders)].filter((folder) => Buffer.byteLength(folder) + NAME_BYTES <= MAX_SOCKET_BYTES);
}

/** What the sockets of an app's runners begin with. The pid behind it gives each runner its own. */
export function socketPrefix(root: string): string {
  const real = realpathSync(resolve(root));
  return createHash('sha256').update(real).digest('hex').slice(0, 16);
}

/** Makes it, 0700 and ours; undefined when it is somebody else's, or cannot be made. */
export async function makeControlFolder(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder, {recursive: true, mode: 0o700});
    return (await isPrivate(folder)) ? folder : undefined;
  } catch {
    return undefined;
  }
}

export interface RunnerSocket {
  readonly path: string;
  readonly pid: number;
}

/** Sockets of the app's runners that may be alive; those of runners that are gone are removed. */
export async function listSockets(root: string, folders: readonly string[]): Promise<RunnerSocket[]> {
  const prefix = `${socketPrefix(root)}.`;
  const found = await Promise.all(
    folders.map(async (folder) => {
      if (!(await isPrivate(folder).catch(() => false))) return [];
      const names = await readdir(folder).catch(() => []);
      return names
        .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
        .map((name) => ({path: join(folder, name), pid: Number(name.slice(prefix.length))}));
    }),
  );
  const alive = found.flat().filter(({pid}) => isAlive(pid));
  const dead = found.flat().filter((one) => !alive.includes(one));
  await Promise.all(dead.map(({path}) => rm(path, {force: true}).catch(() => {})));
  return alive;
}

/** In a folder that others may write to, somebody else could listen in our place. */
async function isPrivate(folder: string): Promise<boolean> {
  const stats = await lstat(folder);
  return stats.isDirectory() && stats.uid === getuid!() && (stats.mode & 0o077) === 0;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
