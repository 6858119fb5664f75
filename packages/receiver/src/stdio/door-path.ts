import {createHash} from 'node:crypto';
import {lstat, mkdir, realpath} from 'node:fs/promises';
import {join} from 'node:path';
import {ReceiverFault} from '../fault.ts';

const SOCKET_PATH_MAX = 107; // sun_path in unix(7), less its NUL

/** The socket of the receiver that has a folder; in /tmp, in a folder of this user alone, where the path would be too long. */
export async function doorPath(folder: string): Promise<string> {
  const path = join(await realpath(folder), 'stdio.sock');
  if (Buffer.byteLength(path) <= SOCKET_PATH_MAX) return path;
  const uid = process.getuid?.() ?? 0;
  const own = `/tmp/keelson-receiver-${uid}`;
  await mkdir(own, {mode: 0o700}).catch(() => undefined);
  const stats = await lstat(own);
  if (!stats.isDirectory() || stats.uid !== uid || (stats.mode & 0o077) !== 0)
    throw new ReceiverFault(
      'RECEIVER_CANNOT_LISTEN',
      `${own} belongs to somebody else, or others may write there`,
    );
  return join(own, createHash('sha256').update(path).digest('hex').slice(0, 32));
}
