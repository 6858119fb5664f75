import {join} from 'node:path';
import {lockDirectory, type DirectoryLock} from '@keelson/atomic-fs';
import {isFault} from '@keelson/step';
import {DeployServerFault} from './fault.ts';

/** One server a root. Fault SERVE_ALREADY_RUNNING names the process that holds it. */
export async function lockServer(root: string): Promise<DirectoryLock> {
  try {
    return await lockDirectory(join(root, '.keelson'), {reason: 'keelson deploy serve'});
  } catch (error) {
    if (!isFault(error) || error.code !== 'LOCK_HELD') throw error;
    throw new DeployServerFault(
      'SERVE_ALREADY_RUNNING',
      `a server runs on ${root} already: ${error.message}`,
      {
        cause: error,
        hint: 'push to that one, stop it, or serve another --root',
      },
    );
  }
}
