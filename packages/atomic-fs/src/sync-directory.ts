import {open} from 'node:fs/promises';

/** Makes the names in a directory survive a power cut: rename(2) alone lasts only once the directory itself is synced. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
