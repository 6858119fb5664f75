import {chmodSync, lstatSync, readdirSync, rmSync} from 'node:fs';
import {chmod, lstat, readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';

const HOW = {recursive: true, force: true, maxRetries: 3, retryDelay: 50} as const;

/** Removes a file, a link or a folder with all below it, read-only folders too. Links are removed, never followed. Fine when missing. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, HOW);
  } catch {
    await makeWritable(path);
    await rm(path, HOW);
  }
}

/** For the moment the program ends, when nothing can be awaited any more. */
export function removeTreeNow(path: string): void {
  try {
    rmSync(path, HOW);
  } catch {
    makeWritableNow(path);
    rmSync(path, HOW);
  }
}

// Unless we are root, an entry can only be removed from a folder that its owner may write to.
async function makeWritable(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return;
  await chmod(path, 0o700).catch(() => {}); // another's folder: rm says it better
  for (const name of await readdir(path).catch(() => [])) await makeWritable(join(path, name));
}

function makeWritableNow(path: string): void {
  if (!lstatSync(path).isDirectory()) return;
  chmodSync(path, 0o700);
  for (const name of readdirSync(path)) makeWritableNow(join(path, name));
}
