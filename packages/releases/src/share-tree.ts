import {copyFileSync, constants, linkSync, mkdirSync, readdirSync, readlinkSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';

/**
 * A second tree with the same files: hard links (copies where these are not possible), since nobody may write to either. `except`
 * (absolute) is left out.
 */
export function shareTree(from: string, to: string, except: ReadonlySet<string> = new Set()): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, {withFileTypes: true})) {
    const [file, other] = [join(from, entry.name), join(to, entry.name)];
    if (except.has(file)) continue;
    if (entry.isDirectory()) shareTree(file, other, except);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(file), other);
    else if (entry.isFile()) linkOrCopy(file, other);
  }
}

function linkOrCopy(file: string, other: string): void {
  try {
    linkSync(file, other);
  } catch {
    copyFileSync(file, other, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
}
