import type {StepOptions} from '@keelson/step';
import type {Archive} from './archive.ts';
import type {ArchiveEntry, Digest, StoredManifest} from './archive-manifest.ts';
import {digestOf} from './digest.ts';
import {readManifest} from './open-archive.ts';
import {scanTree} from './scan-tree.ts';
import {foldsAsListed, MANIFEST_NAME} from './stored-manifest.ts';
import {treeDifferences, type Problem} from './tree-differences.ts';

/** What differs from `keelson.json`; no problems means that nothing does. */
export interface Verification {
  readonly kind: 'verification';
  /** Of what is really there. */
  readonly digest: Digest;
  readonly problems: readonly Problem[];
}

/**
 * Reads every file and link of a folder and compares it with the folder's `keelson.json`. Empty folders do not count, nor does
 * a `.git` at the root. Faults: ARCHIVE_NOT_BUILT, ARCHIVE_CORRUPT, ARCHIVE_DIGEST (of `keelson.json` itself),
 * ARCHIVE_UNSAFE_ENTRY.
 */
export async function verifyTree(dir: string, options: StepOptions = {}): Promise<Verification> {
  const manifest = await readManifest({path: dir, form: 'directory'}, options);
  return verification(manifest, await entriesOfFolder(dir, options));
}

/** The same for an archive of either form; a tarball is read through and nothing is written. Faults: also ARCHIVE_TOO_LARGE. */
export async function verifyArchive(archive: Archive, options: StepOptions = {}): Promise<Verification> {
  if (archive.form === 'directory') return verifyTree(archive.path, options);
  const manifest = await readManifest(archive, options);
  const [{hashTree}, {readTarball}, {safeEntries}] = await Promise.all([
    import('./hash-tree.ts'),
    import('./read-tarball.ts'),
    import('./safe-entries.ts'),
  ]);
  const tree = hashTree();
  const safe = safeEntries(archive.path, tree, {mayFold: foldsAsListed(manifest)});
  await readTarball(archive.path, safe.consumer, options);
  return verification(manifest, tree.entries(safe.links()));
}

/** What really lies in the folder of a directory archive. */
export async function entriesOfFolder(dir: string, {signal}: StepOptions): Promise<ArchiveEntry[]> {
  const exclude = (path: string) =>
    path === '.git' || path === MANIFEST_NAME ? 'not part of it' : undefined;
  return scanTree(dir, {signal, exclude});
}

function verification({entries}: StoredManifest, actual: readonly ArchiveEntry[]): Verification {
  return {kind: 'verification', digest: digestOf(actual), problems: treeDifferences(entries, actual)};
}
