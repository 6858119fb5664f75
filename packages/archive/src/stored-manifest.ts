import type {ArchiveManifest, ManifestFacts, StoredManifest} from './archive-manifest.ts';
import {digestOf} from './digest.ts';
import {firstOutOfOrder, unsafePath, unsafeTarget} from './entry-paths.ts';
import {ArchiveFault} from './fault.ts';
import {storedEntries, type ScannedTree} from './scan-tree.ts';

/** The reserved name at the root of every archive. */
export const MANIFEST_NAME = 'keelson.json';

/** A tree of 200 000 entries needs about 40 MB. */
export const MANIFEST_BYTES = 64 * 1024 * 1024;

export function storedManifestOf(facts: ManifestFacts, tree: ScannedTree): StoredManifest {
  const entries = storedEntries(tree);
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
    contents: {entries: entries.length, bytes: tree.bytes},
    digest: digestOf(entries),
    folders: tree.folders,
    entries,
  };
}

/** The manifest without its lists, small enough to be passed around. */
export function summaryOf(stored: StoredManifest): ArchiveManifest {
  const {entries: _entries, folders: _folders, ...manifest} = stored;
  return manifest;
}

/** The text of `keelson.json`: an entry a line, so that two archives can be compared with diff and git stores them well. */
export function formatManifest({entries, ...head}: StoredManifest): string {
  const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`);
  const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "entries": ${list}\n}\n`;
}

/**
 * Reads `keelson.json`. Faults: ARCHIVE_CORRUPT for text that is no manifest, ARCHIVE_DIGEST for one whose digest is not that of its
 * entries.
 */
export async function parseManifest(text: string, where: string): Promise<StoredManifest> {
  const name = `${MANIFEST_NAME} of ${where}`;
  const {readManifestJson} = await import('./manifest-schema.ts');
  const result = readManifestJson(text);
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
