import {rm} from 'node:fs/promises';
import {dirname} from 'node:path';

import {resolveInside, writeAtomic} from '@keelson/atomic-fs';

import {removeEmptyDirectories} from './remove-empty-directories.ts';
import type {InstalledFile, InstallPlan} from './plan-install.ts';

/** Every file that a plan changes as it was before, or gone where there was none. */
export async function restoreFiles(
  {root, changes}: InstallPlan,
  existing: readonly InstalledFile[],
): Promise<void> {
  const before = new Map(existing.map((file) => [file.path, file]));
  for (const {path} of changes) {
    const absolute = resolveInside(root, path);
    const file = before.get(path);
    if (file?.content !== undefined) await writeAtomic(absolute, file.content, {mode: file.mode});
    else {
      await rm(absolute, {force: true});
      await removeEmptyDirectories(dirname(absolute), root);
    }
  }
}

/** What a manager made beside an app's files, and the directories that are empty then. */
export async function removeLeftovers(root: string, leftovers: readonly string[]): Promise<void> {
  for (const path of leftovers) {
    const absolute = resolveInside(root, path);
    await rm(absolute, {recursive: true, force: true});
    await removeEmptyDirectories(dirname(absolute), root);
  }
}
