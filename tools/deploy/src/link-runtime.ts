import {lstat, mkdir, rmdir} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {replaceLink} from '@keelson/atomic-fs';
import {DeployServerFault} from './fault.ts';

/** Has `runtime` of a deploy root lead to another folder, where sockets lie. Fault SERVE_BAD_VALUE while something runs there. */
export async function linkRuntime(root: string, dir: string): Promise<void> {
  const link = join(resolve(root), 'runtime');
  await mkdir(resolve(dir), {recursive: true, mode: 0o700});
  await mkdir(resolve(root), {recursive: true});
  const before = await lstat(link).catch(() => undefined);
  try {
    if (before?.isDirectory() === true) await rmdir(link);
  } catch (cause) {
    throw new DeployServerFault('SERVE_BAD_VALUE', `${link} is in use: what runs has its sockets there`, {
      cause,
      hint: 'Stop the app first: keelson deploy services stop',
    });
  }
  await replaceLink(link, resolve(dir));
}
