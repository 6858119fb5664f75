import {lstat, readdir} from 'node:fs/promises';
import {join, relative, sep} from 'node:path';

/** The paths from below `above` down to `folder`, outermost first. */
function wayTo(folder: string, above: string): string[] {
  const parts = relative(above, folder).split(sep);
  return parts.map((_, index) => join(above, ...parts.slice(0, index + 1)));
}

export interface Foreign {
  readonly path: string;
  /** Undefined: everybody may write to it. */
  readonly uid: number | undefined;
}

/**
 * The first of the templates of a folder, or of the directories below `above` on the way to it, that somebody else than `trusted` may have
 * put there. Links are not followed: whoever owns one says where it leads.
 */
export async function foreignOwner(
  folder: string,
  above: string,
  trusted: readonly number[],
): Promise<Foreign | undefined> {
  const templates = (await readdir(folder)).map((name) => join(folder, name));
  for (const path of [...wayTo(folder, above), ...templates]) {
    const status = await lstat(path);
    if (!trusted.includes(status.uid)) return {path, uid: status.uid};
    if ((status.mode & 0o002) !== 0 && !status.isSymbolicLink()) return {path, uid: undefined};
  }
  return undefined;
}
