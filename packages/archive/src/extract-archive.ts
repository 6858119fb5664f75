import type {StepOptions} from '@keelson/step';
import type {Archive} from './archive.ts';
import type {ArchiveLimits} from './archive-limits.ts';
import type {ArchiveEntry, StoredManifest} from './archive-manifest.ts';
import {copyTree, moveTree} from './copy-tree.ts';
import {ArchiveFault} from './fault.ts';
import {leaveOut, type LeavingOut} from './leave-out.ts';
import {newTree} from './new-tree.ts';
import {readManifest} from './open-archive.ts';
import {requireCaseSensitive} from './require-case-sensitive.ts';
import {foldsAsListed, MANIFEST_NAME, manifestParser} from './stored-manifest.ts';
import {treeDifferences} from './tree-differences.ts';
import {hashTree, type TreeHash} from './hash-tree.ts';
import {unpackInto, type UnpackEvent} from './unpack-tarball.ts';
import {entriesOfFolder} from './verify-tree.ts';

export interface ExtractOptions extends StepOptions<UnpackEvent> {
  /** A directory archive is not copied but taken: afterwards it is gone from where it was. Default false. */
  readonly move?: boolean | undefined;
  readonly limits?: Partial<ArchiveLimits> | undefined;
  /**
   * Paths of a tarball that come to their place by other means: they are neither written nor compared, only what `keelson.json` says of
   * them counts. Default none.
   */
  readonly kept?: ((path: string) => boolean) | undefined;
}

const SHOWN = 3;

/**
 * Puts an archive's tree, `keelson.json` included, into `dir`, which must not exist or be empty (its parents are made). Every byte is
 * compared with `keelson.json`, and that with `archive.digest`. All is there at the end, or nothing.
 * Faults: all of ArchiveFault but ARCHIVE_RESERVED_NAME and ARCHIVE_CHANGED.
 */
export async function extractArchive(
  archive: Archive,
  dir: string,
  options: ExtractOptions = {},
): Promise<void> {
  options.signal?.throwIfAborted();
  if (archive.form === 'file') return extractFile(archive, dir, options);
  const manifest = await readManifest(archive, options);
  requireSame(archive, manifest, await entriesOfFolder(archive.path, options));
  const what = {manifest, signal: options.signal};
  return options.move === true ? moveTree(archive.path, dir, what) : copyTree(archive.path, dir, what);
}

async function extractFile(archive: Archive, dir: string, options: ExtractOptions): Promise<void> {
  const parse = await manifestParser(archive.path);
  const {kept = () => false} = options;
  await newTree(dir, async (tree) => {
    let hashed!: TreeHash;
    let left!: LeavingOut;
    let manifest: StoredManifest | undefined;
    let listed: ReadonlyMap<string, ArchiveEntry> | undefined;
    const onManifest = (text: string) => {
      manifest = parse(text);
      if (options.kept !== undefined) listed = new Map(manifest.entries.map((entry) => [entry.path, entry]));
      requireCaseSensitive(tree, dir, manifest);
    };
    const links = await unpackInto(tree, archive.path, {
      ...options,
      through: (sink) => {
        hashed = hashTree(sink, onManifest);
        return (left = leaveOut(hashed, {kept, listed: () => listed}));
      },
      mayFold: (path, other) => manifest !== undefined && foldsAsListed(manifest)(path, other),
    });
    if (manifest === undefined)
      throw new ArchiveFault(
        'ARCHIVE_NOT_BUILT',
        `${archive.path} is not a built archive: it has no ${MANIFEST_NAME}`,
      );
    requireSame(archive, manifest, [...hashed.entries(links), ...left.left()]);
  });
}

function requireSame(archive: Archive, manifest: StoredManifest, actual: readonly ArchiveEntry[]): void {
  if (manifest.digest !== archive.digest)
    throw new ArchiveFault(
      'ARCHIVE_DIGEST',
      `${archive.path} has the digest ${manifest.digest}, and not ${archive.digest}`,
    );
  const problems = treeDifferences(manifest.entries, actual);
  if (problems.length === 0) return;
  const shown = problems.slice(0, SHOWN).map(({path, because}) => `${JSON.stringify(path)} ${because}`);
  const more = problems.length > SHOWN ? `; and ${problems.length - SHOWN} more` : '';
  throw new ArchiveFault(
    'ARCHIVE_DIGEST',
    `${archive.path} is not what its ${MANIFEST_NAME} says: ${shown.join('; ')}${more}`,
    {
      hint: 'It was damaged or changed after it was built; get it again.',
    },
  );
}
