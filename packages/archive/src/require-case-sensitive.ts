import {existsSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {StoredManifest} from './archive-manifest.ts';
import {ArchiveFault} from './fault.ts';
import {differsByCase, sameWhenFolded} from './name-guard.ts';

const PROBE = '.keelson-\u00e9';
const FOLDED = ['.KEELSON-\u00c9', '.keelson-e\u0301'];

/**
 * An archive may hold names that differ by case or Unicode form alone, when a dependency has them; where the file system takes them
 * for one, one would overwrite the other. Faults: ARCHIVE_UNSAFE_ENTRY.
 * @param tree an empty folder on that file system
 * @param dir what it is going to be
 */
export function requireCaseSensitive(tree: string, dir: string, {caseSensitive = []}: StoredManifest): void {
  const [pair] = sameWhenFolded(caseSensitive);
  if (pair === undefined || !foldsNames(tree)) return;
  const [path, other] = pair;
  throw new ArchiveFault(
    'ARCHIVE_UNSAFE_ENTRY',
    `${JSON.stringify(path)} ${differsByCase(other)}, and the file system of ${dir} takes them for one`,
    {hint: 'Extract it to a file system that tells upper from lower case.'},
  );
}

function foldsNames(folder: string): boolean {
  writeFileSync(join(folder, PROBE), '');
  try {
    return FOLDED.some((name) => existsSync(join(folder, name)));
  } finally {
    rmSync(join(folder, PROBE));
  }
}
