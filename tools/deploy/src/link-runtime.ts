import {lstat, readdir, readlink, rmdir} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {makeDirectory, replaceLink} from '@keelson/atomic-fs';
import {DeployServerFault} from './fault.ts';

/** Sockets of releases, and folders of supervisors. */
const OURS = /^(\d+\.sock|keelson-\d+-\w{6})$/;

/**
 * Has `runtime` of a deploy root lead to another folder, where sockets lie. Fault SERVE_BAD_VALUE while something runs there, and for a folder
 * that holds what is not ours: all of it is given to the app's user.
 */
export async function linkRuntime(root: string, dir: string): Promise<void> {
  const link = join(resolve(root), 'runtime');
  const target = resolve(dir);
  const before = await runtimeTarget(root);
  if (before === target) return;
  await makeDirectory(target, {mode: 0o700});
  const foreign = (await readdir(target)).find((name) => !OURS.test(name));
  if (foreign !== undefined)
    throw new DeployServerFault('SERVE_BAD_VALUE', `${target} holds other things (${foreign})`, {
      hint: `Name a folder that is for this app alone, such as ${join(target, 'APP')}`,
    });
  await makeDirectory(resolve(root));
  if (before !== undefined && (await namesIn(before)).length > 0) throw inUse(before);
  try {
    if ((await lstat(link).catch(() => undefined))?.isDirectory() === true) await rmdir(link);
  } catch (cause) {
    throw inUse(link, cause);
  }
  await replaceLink(link, target);
}

/** Where `runtime` of a deploy root leads, absolute; undefined: it is a folder of its own. */
export async function runtimeTarget(root: string): Promise<string | undefined> {
  const target = await readlink(join(root, 'runtime')).catch(() => undefined);
  return target === undefined ? undefined : resolve(root, target);
}

async function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}

function inUse(dir: string, cause?: unknown): DeployServerFault {
  return new DeployServerFault('SERVE_BAD_VALUE', `${dir} is in use: what runs has its sockets there`, {
    cause,
    hint: 'Stop the app first: keelson deploy services stop',
  });
}
