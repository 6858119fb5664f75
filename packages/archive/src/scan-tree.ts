import {closeSync, readFileSync, readdirSync, readlinkSync, type Dirent} from 'node:fs';
import {join} from 'node:path';
import type {ArchiveEntry, FileEntry, LinkEntry} from './archive-manifest.ts';
import {createBreath} from './breathe.ts';
import {sortByPath, unsafePath} from './entry-paths.ts';
import {holdsCredentials} from './exclusions.ts';
import {ArchiveFault} from './fault.ts';
import {hashOpenFile, openFile} from './hash-file.ts';
import {findUnsafeLink} from './link-safety.ts';
import {createNameGuard, type NodeKind} from './name-guard.ts';

/** A file as it was when it was hashed; the stamp tells whether it is still that. */
export interface ScannedFile extends FileEntry {
  readonly stamp: string;
}

export interface ScannedTree {
  /** Sorted by path. */
  readonly entries: readonly (ScannedFile | LinkEntry)[];
  /** Empty folders, sorted. */
  readonly folders: readonly string[];
  /** Sum of the files' sizes. */
  readonly bytes: number;
}

export interface ScanOptions {
  readonly signal?: AbortSignal | undefined;
  /** Says why a path stays out. */
  readonly exclude?: ((path: string) => string | undefined) | undefined;
  readonly onExcluded?: ((path: string, because: string) => void) | undefined;
  /** `.npmrc` files outside of node_modules that hold credentials stay out. */
  readonly hideCredentials?: boolean | undefined;
}

/**
 * Every file, link and empty folder of a tree, hashed. Links are never followed. Refuses (ARCHIVE_UNSAFE_ENTRY) what no archive
 * may hold, so that whatever is packed can be extracted anywhere.
 */
export async function scanTree(root: string, options: ScanOptions = {}): Promise<ScannedTree> {
  const breathe = createBreath(options.signal);
  const guard = createNameGuard();
  const found: (ScannedFile | LinkEntry)[] = [];
  const folders: string[] = [];
  const unsafe = (path: string, because: string) =>
    new ArchiveFault('ARCHIVE_UNSAFE_ENTRY', `${JSON.stringify(path)} in ${root} ${because}`);

  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    let kept = 0;
    for (const entry of readdirSync(join(root, folder), {withFileTypes: true})) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const out = options.exclude?.(path) ?? (options.hideCredentials && secretIn(root, path, entry));
      if (out !== undefined && out !== false) {
        options.onExcluded?.(path, out);
        continue;
      }
      kept++;
      const kind = kindOf(entry);
      if (kind === undefined) throw unsafe(path, `is ${odd(entry)}`);
      const because = unsafePath(path) ?? guard(path, kind);
      if (because !== undefined) throw unsafe(path, because);
      if (kind === 'folder') todo.push(path);
      else if (kind === 'link') found.push({path, mode: 'link', target: readlinkSync(join(root, path))});
      else found.push(await scanFile(root, path, breathe));
      await breathe();
    }
    if (kept === 0 && folder !== '') folders.push(folder);
  }
  const links = found.filter((entry) => entry.mode === 'link');
  const bad = findUnsafeLink(new Map(links.map(({path, target}) => [path, target])));
  if (bad !== undefined)
    throw unsafe(bad.path, `is a link to ${JSON.stringify(bad.target)} and ${bad.because}`);
  return {
    entries: sortByPath(found),
    folders: sortByPath(folders.map((path) => ({path}))).map(({path}) => path),
    bytes: found.reduce((sum, entry) => sum + (entry.mode === 'link' ? 0 : entry.size), 0),
  };
}

/** The entries without their stamps, as they are stored. */
export function storedEntries(tree: ScannedTree): ArchiveEntry[] {
  return tree.entries.map((entry) => {
    if (entry.mode === 'link') return entry;
    const {path, mode, size, sha256} = entry;
    return {path, mode, size, sha256};
  });
}

async function scanFile(
  root: string,
  path: string,
  breathe: ReturnType<typeof createBreath>,
): Promise<ScannedFile> {
  const file = openFile(join(root, path));
  if (file === undefined) throw changed(root, path);
  try {
    const {sha256, size} = await hashOpenFile(file, breathe);
    if (size !== file.stats.size) throw changed(root, path);
    return {path, mode: modeOf(file.stats.mode), size, sha256, stamp: stampOf(file.stats)};
  } finally {
    closeSync(file.descriptor);
  }
}

/** Only whether somebody may execute it travels; the rest belongs to the umask of a machine. */
function modeOf(mode: number): '644' | '755' {
  return (mode & 0o111) === 0 ? '644' : '755';
}

/** Differs when the file is another or was written since. */
export function stampOf({ino, size, ctimeMs}: {ino: number; size: number; ctimeMs: number}): string {
  return `${ino} ${size} ${ctimeMs}`;
}

export function changed(root: string, path: string): ArchiveFault {
  return new ArchiveFault('ARCHIVE_CHANGED', `${JSON.stringify(path)} in ${root} changed while it was read`, {
    hint: 'Something still writes to that folder; build again when it has ended.',
    temporary: true,
  });
}

function kindOf(entry: Dirent): NodeKind | undefined {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : undefined;
}

function odd(entry: Dirent): string {
  if (entry.isSocket()) return 'a socket';
  if (entry.isFIFO()) return 'a named pipe';
  return 'a device';
}

function secretIn(root: string, path: string, entry: Dirent): string | undefined {
  if (entry.name !== '.npmrc' || !entry.isFile() || /(^|\/)node_modules\//.test(path)) return undefined;
  return holdsCredentials(readFileSync(join(root, path), 'utf8')) ? 'it holds credentials' : undefined;
}
