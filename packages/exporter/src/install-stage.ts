import {mkdir, rm, rmdir} from 'node:fs/promises';
import {join} from 'node:path';

import {lockDirectory, removeTree} from '@keelson/atomic-fs';

import type {InstallPlan} from './plan-install.ts';

/** A hidden directory beside the units: whole files, on the same file system, that only have to be renamed. */
export interface InstallStage extends AsyncDisposable {
  at(index: number): string;
}

/**
 * Only one export at a time changes the files of an app in a directory. What a killed one left is swept away.
 * Faults: AtomicFsFault LOCK_HELD.
 */
export async function openStage(
  {root, app, format}: InstallPlan,
  signal?: AbortSignal,
): Promise<InstallStage> {
  const path = join(root, `.keelson-${app}.${format}.new`);
  const lock = await lockDirectory(path, {reason: `export ${format} of ${app}`, signal});
  const files = join(path, 'files');
  await removeTree(files);
  await mkdir(files, {mode: 0o700});
  return {
    at: (index) => join(files, String(index)),
    [Symbol.asyncDispose]: async () => {
      await removeTree(files);
      await lock[Symbol.asyncDispose]();
      await rm(lock.path, {force: true});
      // Not ours to remove any more if somebody waited for the lock.
      await rmdir(path).catch(() => {});
    },
  };
}
