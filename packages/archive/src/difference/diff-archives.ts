import type {StepOptions} from '@keelson/step';
import type {Archive} from '../archive.ts';
import type {ArchiveEntry, Digest} from '../archive-manifest.ts';
import {readEntries} from '../open-archive.ts';
import {isPackageManifest, packageOf, type InstalledPackage} from '../installed-package.ts';
import {readFiles} from '../read-files.ts';

export interface EntryChange {
  readonly path: string;
  readonly what: readonly ('kind' | 'content' | 'mode' | 'target')[];
  readonly from: ArchiveEntry;
  readonly to: ArchiveEntry;
}

export interface PackageChange {
  readonly path: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export interface ArchiveDifference {
  readonly kind: 'archive-difference';
  /** They have one digest. */
  readonly same: boolean;
  readonly from: {readonly name: string; readonly version: string; readonly digest: Digest};
  readonly to: {readonly name: string; readonly version: string; readonly digest: Digest};
  readonly added: readonly ArchiveEntry[];
  readonly removed: readonly ArchiveEntry[];
  readonly changed: readonly EntryChange[];
  /** By their package.json. */
  readonly packages: {
    readonly added: readonly InstalledPackage[];
    readonly removed: readonly InstalledPackage[];
    readonly changed: readonly PackageChange[];
  };
  /** How much larger the second is, of all files together. */
  readonly bytes: number;
}

/** What another archive has that this one has not, and the other way round. Faults: those of openArchive and verifyArchive. */
export async function diffArchives(
  from: Archive,
  to: Archive,
  {signal}: StepOptions = {},
): Promise<ArchiveDifference> {
  const [before, after] = [await byPath(from, {signal}), await byPath(to, {signal})];
  const added = [...after.values()].filter(({path}) => !before.has(path));
  const removed = [...before.values()].filter(({path}) => !after.has(path));
  const changed = [...before.values()].flatMap((entry): EntryChange[] => {
    const other = after.get(entry.path);
    const what = other === undefined ? [] : changes(entry, other);
    return what.length === 0 ? [] : [{path: entry.path, what, from: entry, to: other!}];
  });
  const own = ({manifest: {name, version}, digest}: Archive) => ({name, version, digest});
  return {
    kind: 'archive-difference',
    same: from.digest === to.digest,
    from: own(from),
    to: own(to),
    added,
    removed,
    changed,
    packages: packageChanges(
      await packagesOf(from, [...removed, ...changed], {signal}),
      await packagesOf(to, [...added, ...changed], {signal}),
    ),
    bytes: to.manifest.contents.bytes - from.manifest.contents.bytes,
  };
}

async function byPath(archive: Archive, options: StepOptions): Promise<Map<string, ArchiveEntry>> {
  return new Map((await readEntries(archive, options)).map((entry) => [entry.path, entry]));
}

function changes(a: ArchiveEntry, b: ArchiveEntry): EntryChange['what'] {
  if (a.mode === 'link' || b.mode === 'link') {
    if (a.mode !== 'link' || b.mode !== 'link') return ['kind'];
    return a.target === b.target ? [] : ['target'];
  }
  return [
    ...(a.sha256 === b.sha256 ? [] : (['content'] as const)),
    ...(a.mode === b.mode ? [] : (['mode'] as const)),
  ];
}

async function packagesOf(
  archive: Archive,
  entries: readonly {readonly path: string}[],
  options: StepOptions,
): Promise<Map<string, InstalledPackage>> {
  const paths = new Set(entries.map(({path}) => path).filter(isPackageManifest));
  const packages = [...(await readFiles(archive, paths, options))].flatMap(
    ([path, text]) => packageOf(path, text) ?? [],
  );
  return new Map(packages.map((each) => [each.path, each]));
}

function packageChanges(
  before: ReadonlyMap<string, InstalledPackage>,
  after: ReadonlyMap<string, InstalledPackage>,
): ArchiveDifference['packages'] {
  return {
    added: [...after.values()].filter(({path}) => !before.has(path)),
    removed: [...before.values()].filter(({path}) => !after.has(path)),
    changed: [...before.values()].flatMap(({path, name, version}) => {
      const other = after.get(path);
      if (other === undefined || other.version === version) return [];
      return [{path, name, from: version, to: other.version}];
    }),
  };
}
