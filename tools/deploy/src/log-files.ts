import {open, stat, type FileHandle} from 'node:fs/promises';
import {listRotatedFiles} from '@keelson/log-tagger';

/** A file of a log, open for reading. */
export interface LogFile {
  readonly handle: FileHandle;
  /** The rotated file that it comes after, '' for none: names go up in time. */
  readonly after: string;
}

/** The file that is being written; undefined when there is no log. */
export async function openNewest(path: string): Promise<LogFile | undefined> {
  for (;;) {
    const after = (await rotatedOf(path)).at(-1) ?? '';
    const handle = await openOrNothing(path);
    if (((await rotatedOf(path)).at(-1) ?? '') === after) {
      if (handle) return {handle, after};
      return after === '' ? undefined : await openBefore(path, {after});
    }
    await handle?.close(); // rotated in between
  }
}

/** The file before this one; undefined when there is none any more. */
export async function openBefore(
  path: string,
  {after}: Pick<LogFile, 'after'>,
): Promise<LogFile | undefined> {
  const rotated = await rotatedOf(path);
  for (let index = rotated.indexOf(after); index >= 0; index--) {
    const handle = await openOrNothing(rotated[index]!);
    if (handle) return {handle, after: rotated[index - 1] ?? ''};
  }
  return undefined;
}

/** The file that comes next; undefined while this is the one that is being written. */
export async function openNext(path: string, file: LogFile): Promise<LogFile | undefined> {
  const {ino, dev} = await file.handle.stat();
  const isThis = async (name: string) => {
    const there = await statOrNothing(name);
    return there?.ino === ino && there.dev === dev;
  };
  for (;;) {
    if (await isThis(path)) return undefined;
    const newer = (await rotatedOf(path)).filter((name) => name > file.after);
    // Its own name now, unless somebody has removed it.
    const own = newer[0] !== undefined && (await isThis(newer[0])) ? newer[0] : file.after;
    const next = newer.find((name) => name > own);
    const handle = await openOrNothing(next ?? path);
    if (next === undefined && ((await rotatedOf(path)).at(-1) ?? '') > own) await handle?.close(); // rotated in between
    else if (handle) return {handle, after: own};
    else if (next === undefined) return undefined; // not made yet
  }
}

/** Names of the rotated files that can be read as they are, oldest first. */
async function rotatedOf(path: string): Promise<string[]> {
  return (await listRotatedFiles(path)).filter((one) => !one.gzip && one.bytes > 0).map((one) => one.path);
}

async function openOrNothing(path: string): Promise<FileHandle | undefined> {
  return await open(path, 'r').catch(nothingIfMissing);
}

async function statOrNothing(
  path: string,
): Promise<{readonly ino: number; readonly dev: number} | undefined> {
  return await stat(path).catch(nothingIfMissing);
}

function nothingIfMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
