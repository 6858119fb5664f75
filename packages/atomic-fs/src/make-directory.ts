import {mkdir, stat} from 'node:fs/promises';
import {dirname, resolve} from 'node:path';

/**
 * Makes a directory with the parents that are missing. Returns the first one that was made, absolute; undefined when all were there.
 * Node's `recursive` tries for ever where a directory is there and takes no other one, as /proc does: here that is ENOENT.
 */
export async function makeDirectory(
  path: string,
  options: {readonly mode?: number | undefined} = {},
): Promise<string | undefined> {
  const directory = resolve(path);
  const parent = dirname(directory);
  const make = () => makeOne(directory, options.mode);
  try {
    return (await make()) ? directory : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === directory) throw error;
  }
  const first = await makeDirectory(parent, options);
  return (await make()) ? (first ?? directory) : first;
}

/** False: there is one. */
async function makeOne(path: string, mode: number | undefined): Promise<boolean> {
  try {
    await mkdir(path, {mode});
    return true;
  } catch (error) {
    if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return false;
    throw error;
  }
}
