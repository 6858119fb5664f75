import {rmdir} from 'node:fs/promises';
import {dirname, resolve} from 'node:path';

import {isInside} from '@keelson/atomic-fs';

/** Directories of a service that hold nothing any more, up to the plan's root. */
export async function removeEmptyDirectories(directory: string, root: string): Promise<void> {
  for (let at = directory; isInside(root, at) && at !== resolve(root); at = dirname(at)) {
    try {
      await rmdir(at);
    } catch (error) {
      if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
      throw error;
    }
  }
}
