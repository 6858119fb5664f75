import {rename, rm, symlink} from 'node:fs/promises';
import {dirname} from 'node:path';
import {syncDirectory} from './sync-directory.ts';
import {temporaryName} from './temporary-name.ts';

/**
 * Makes the symbolic link `link` point to `target` (kept as given: relative stays relative) in one step:
 * whoever follows it finds the old target or the new one, never none. A folder at `link` is not replaced (EISDIR).
 */
export async function replaceLink(link: string, target: string): Promise<void> {
  const temporary = temporaryName(link);
  try {
    await symlink(target, temporary);
    await rename(temporary, link);
  } catch (error) {
    await rm(temporary, {force: true});
    throw error;
  }
  await syncDirectory(dirname(link));
}
