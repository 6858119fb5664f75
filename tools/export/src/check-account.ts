import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';

import type {ServiceUser} from '@keelson/exporter';

import {AppExportFault} from './fault.ts';

/** Whether a name service of this machine, or a file of another root, knows a name (or the number itself is given). */
async function isKnown(kind: 'passwd' | 'group', name: string, root: string | undefined): Promise<boolean> {
  if (/^\d+$/.test(name)) return true;
  if (root === undefined) {
    try {
      await promisify(execFile)('getent', [kind, '--', name]);
      return true;
    } catch (error) {
      // getent(1): 2 says that there is none. Without the program the file is asked.
      if ((error as {readonly code?: unknown}).code === 2) return false;
    }
  }
  const text = await readFile(join(root ?? '/', 'etc', kind), 'utf8').catch(() => undefined);
  return text === undefined || text.split('\n').some((line) => line.startsWith(`${name}:`));
}

/**
 * Refuses an account that would only be missed when a process starts.
 * @param root of the tree that is installed into; default this machine's
 * Faults: EXPORT_ACCOUNT.
 */
export async function checkAccount(user: ServiceUser | undefined, root: string | undefined): Promise<void> {
  if (!user) return;
  const {name, group, supplementary = []} = user;
  if (!(await isKnown('passwd', name, root)))
    throw new AppExportFault('EXPORT_ACCOUNT', `there is no user ${name} ${root ? `in ${root}` : 'here'}`, {
      hint: `Make one (useradd --system ${name}), or name another with --user. --no-verify writes the units anyway.`,
    });
  for (const one of [...(group === undefined ? [] : [group]), ...supplementary])
    if (!(await isKnown('group', one, root)))
      throw new AppExportFault('EXPORT_ACCOUNT', `there is no group ${one} ${root ? `in ${root}` : 'here'}`, {
        hint: `Make one (groupadd --system ${one}). --no-verify writes the units anyway.`,
      });
}
