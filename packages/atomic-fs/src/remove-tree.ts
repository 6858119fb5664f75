import {chmodSync, readdirSync, rmSync} from 'node:fs';
import {chmod, readdir, rm} from 'node:fs/promises';
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
  const entries = await openFolder(path);
  for (const entry of entries) if (entry.isDirectory()) await makeWritable(join(path, entry.name));
}

async function openFolder(path: string) {
  await chmod(path, 0o700).catch(() => {}); // another's folder: rm says it better
  return readdir(path, {withFileTypes: true}).catch(() => []);
}

function makeWritableNow(path: string): void {
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, {withFileTypes: true}))
    if (entry.isDirectory()) makeWritableNow(join(path, entry.name));
}
