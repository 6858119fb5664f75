import {rename} from 'node:fs/promises';

/** Gives a finished folder its name; when another build was first, that one stays. */
export async function moveNew(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTEMPTY') throw error;
  }
}
