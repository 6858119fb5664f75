import {open, rename, rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import {syncDirectory} from './sync-directory.ts';
import {temporaryName} from './temporary-name.ts';

/**
 * Writes a whole file: whoever reads `path`, also after a crash or power cut at any instruction, finds the old content or the new.
 * `mode` is exact (the umask does not apply), default 0644; until the content is complete nobody else can read it.
 * A symbolic link at `path` is replaced, not followed. Killed half-way it leaves a `.keelson-tmp-*` file beside `path`.
 */
export async function writeAtomic(
  path: string,
  data: string | Uint8Array,
  options: {readonly mode?: number | undefined} = {},
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(data);
      await file.chmod(options.mode ?? 0o644);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, {force: true});
    throw error;
  }
  await syncDirectory(dirname(path));
}
