import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {listWorkTreeFiles} from '@keelson/git';
import type {Checkout} from '@keelson/source';
import {isFault} from '@keelson/step';
import type {ContentOptions} from './build-options.ts';
import {holdsCredentials} from './holds-credentials.ts';
import type {OpenedApp} from './open-app.ts';
import type {Exclude} from './wanted-files.ts';

const SETTINGS = '.npmrc';

/**
 * The `.npmrc` that came along for the installation alone, because it lies in the work tree though git ignores it, stays out when it
 * holds a credential and nobody asked for it. Any other one with a credential stops the build.
 */
export async function ignoredSettings(
  {from}: Pick<Checkout, 'from'>,
  {root, folder}: Pick<OpenedApp, 'root' | 'folder'>,
  {allowSecrets = [], include = []}: ContentOptions,
): Promise<Exclude> {
  const nothing = () => undefined;
  const path = join(root, SETTINGS);
  if (from.kind !== 'directory' || folder !== '' || !existsSync(path)) return nothing;
  const wanted = [...allowSecrets, ...include].some((one) => one.replace(/^(\.\/+)+/, '') === SETTINGS);
  if (wanted || !holdsCredentials(readFileSync(path, 'utf8'))) return nothing;
  const files = await filesOfGit(from.path);
  if (files === undefined || files.includes(SETTINGS)) return nothing;
  return (file) => (file === SETTINGS ? 'it holds credentials, and git ignores it' : undefined);
}

/** Without git everything in the folder is a source, as `openSource` takes it. */
async function filesOfGit(dir: string): Promise<readonly string[] | undefined> {
  try {
    return await listWorkTreeFiles(dir);
  } catch (error) {
    if (isFault(error) && error.code === 'GIT_MISSING') return undefined;
    throw error;
  }
}
