import type {ArchiveEntry, ArchiveManifest, ManifestFacts, StoredManifest} from './archive-manifest.ts';
import {digestOf} from './digest.ts';
import {firstOutOfOrder, unsafePath, unsafeTarget} from './entry-paths.ts';
import {ArchiveFault} from './fault.ts';
import type {ManifestReading} from './manifest-schema.ts';
import type {StattedTree} from './stat-tree.ts';

/** The reserved name at the root of every archive. */
export const MANIFEST_NAME = 'keelson.json';

/** A tree of 200 000 entries needs about 40 MB. */
export const MANIFEST_BYTES = 64 * 1024 * 1024;

const PIECE = 64 * 1024;

/** @param entries those of the tree, without its empty folders, and hashed */
export function storedManifestOf(
  facts: ManifestFacts,
  tree: StattedTree,
  entries: readonly ArchiveEntry[],
): StoredManifest {
  const {caseSensitive, bytes} = tree;
  return {
    // Named one by one: their order is that of the file, whatever the caller's is.
    schema: 1,
    name: facts.name,
    version: facts.version,
    source: facts.source,
    builder: facts.builder,
    node: facts.node,
    packageManager: facts.packageManager,
    scripts: facts.scripts,
    processTypes: facts.processTypes,
    required: facts.required,
    addons: facts.addons,
    ...(facts.dependencies === undefined ? {} : {dependencies: facts.dependencies}),
    contents: {entries: entries.length, bytes},
    digest: digestOf(entries),
    folders: tree.entries.filter(({mode}) => mode === 'folder').map(({path}) => path),
    ...(caseSensitive.length === 0 ? {} : {caseSensitive}),
    entries,
  };
}

/** The manifest without its lists, small enough to be passed around. */
export function summaryOf(stored: StoredManifest): ArchiveManifest {
  const {entries: _entries, folders: _folders, caseSensitive: _caseSensitive, ...manifest} = stored;
  return manifest;
}

/**
 * The text of `keelson.json`, in pieces, because as a whole it may be large: an entry a line, so that two archives can be compared with
 * diff and git stores them well.
 */
export function* formatManifest({entries, ...head}: StoredManifest): Generator<string> {
  let text = `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "entries": [`;
  for (const [index, entry] of entries.entries()) {
    text += `${index === 0 ? '' : ','}\n    ${JSON.stringify(entry)}`;
    if (text.length < PIECE) continue;
    yield text;
    text = '';
  }
  yield `${text}${entries.length === 0 ? '' : '\n  '}]\n}\n`;
}

/**
 * Reads `keelson.json`. Faults: ARCHIVE_CORRUPT for text that is no manifest, ARCHIVE_DIGEST for one whose digest is not that of its
 * entries.
 */
export async function parseManifest(text: string, where: string): Promise<StoredManifest> {
  return (await manifestParser(where))(text);
}

/** The same in two steps, for whoever cannot wait in the midst of reading. */
export async function manifestParser(where: string): Promise<(text: string) => StoredManifest> {
  const {readManifestJson} = await import('./manifest-schema.ts');
  return (text) => checkedManifest(readManifestJson(text), `${MANIFEST_NAME} of ${where}`);
}

function checkedManifest(result: ManifestReading, name: string): StoredManifest {
  if ('problem' in result) throw corrupt(`${name}: ${result.problem}`);
  const {manifest} = result;
  const {entries, contents, digest} = manifest;
  const late = firstOutOfOrder(entries);
  if (late !== undefined)
    throw corrupt(`${name}: ${JSON.stringify(late.path)} is out of order or listed twice`);
  for (const {path, ...entry} of [...entries, ...manifest.folders.map((folder) => ({path: folder}))]) {
    const because = unsafePath(path) ?? ('target' in entry ? unsafeTarget(entry.target) : undefined);
    if (because !== undefined)
      throw new ArchiveFault('ARCHIVE_UNSAFE_ENTRY', `${name}: ${JSON.stringify(path)} ${because}`);
  }
  const bytes = entries.reduce((sum, entry) => sum + (entry.mode === 'link' ? 0 : entry.size), 0);
  if (contents.entries !== entries.length || contents.bytes !== bytes)
    throw corrupt(`${name}: contents do not add up: ${entries.length} entries of ${bytes} bytes`);
  const actual = digestOf(entries);
  if (actual !== digest)
    throw new ArchiveFault('ARCHIVE_DIGEST', `${name}: its entries give ${actual}, but it says ${digest}`);
  return manifest;
}

function corrupt(message: string): ArchiveFault {
  return new ArchiveFault('ARCHIVE_CORRUPT', message);
}

/** Names that differ by case alone are what the manifest says, or they are somebody's trick. */
export function foldsAsListed({
  caseSensitive = [],
}: StoredManifest): (path: string, other: string) => boolean {
  const listed = new Set(caseSensitive);
  return (path, other) => listed.has(path) && listed.has(other);
}
