import {readdirSync, readlinkSync, type Dirent} from 'node:fs';
import {join} from 'node:path';
import {createBreath} from './breathe.ts';
import {sortByPath, unsafePath} from './entry-paths.ts';
import {ArchiveFault} from './fault.ts';
import {findUnsafeLink} from './link-safety.ts';
import {differsByCase, sameWhenFolded, type NodeKind} from './name-guard.ts';

export type FoundEntry =
  | {readonly path: string; readonly kind: 'file'}
  | {readonly path: string; readonly kind: 'link'; readonly target: string}
  /** With nothing in it. */
  | {readonly path: string; readonly kind: 'folder'};

export interface FoundTree {
  /** Sorted by path. */
  readonly entries: readonly FoundEntry[];
  /** Paths below node_modules that differ from another one by case or Unicode form alone, sorted. */
  readonly caseSensitive: readonly string[];
}

export interface WalkOptions {
  readonly signal?: AbortSignal | undefined;
  /** Says why a path stays out. */
  readonly exclude?: ((path: string) => string | undefined) | undefined;
  readonly onExcluded?: ((path: string, because: string) => void) | undefined;
}

/**
 * Every file, link and empty folder of a tree; nothing is opened, no link followed. Refuses (ARCHIVE_UNSAFE_ENTRY) what no archive
 * may hold, so that whatever is packed can be extracted.
 */
export async function walkTree(root: string, options: WalkOptions = {}): Promise<FoundTree> {
  const breathe = createBreath(options.signal);
  const entries: FoundEntry[] = [];
  const caseSensitive: {path: string}[] = [];
  const unsafe = (path: string, because: string) =>
    new ArchiveFault('ARCHIVE_UNSAFE_ENTRY', `${JSON.stringify(path)} in ${root} ${because}`);

  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    const siblings: string[] = [];
    const below = folder === '' ? '' : `${folder}/`;
    for (const entry of readdirSync(join(root, folder), {withFileTypes: true})) {
      const path = below + entry.name;
      const out = options.exclude?.(path);
      if (out !== undefined) {
        options.onExcluded?.(path, out);
        continue;
      }
      siblings.push(entry.name);
      const kind = kindOf(entry);
      const because = kind === undefined ? `is ${odd(entry)}` : unsafePath(path);
      if (because !== undefined) throw unsafe(path, because);
      if (kind === 'folder') todo.push(path);
      else if (kind === 'link') entries.push({path, kind, target: readlinkSync(join(root, path))});
      else entries.push({path, kind: 'file'});
    }
    await breathe();
    if (siblings.length === 0 && folder !== '') entries.push({path: folder, kind: 'folder'});
    for (const [name, other] of sameWhenFolded(siblings)) {
      const path = below + name;
      // What a dependency brings is not in the hands of whoever packs it.
      if (!isDependency(path)) throw unsafe(path, differsByCase(below + other));
      caseSensitive.push({path});
    }
  }
  const links = entries.filter((entry) => entry.kind === 'link');
  const bad = findUnsafeLink(new Map(links.map(({path, target}) => [path, target])));
  if (bad !== undefined)
    throw unsafe(bad.path, `is a link to ${JSON.stringify(bad.target)} and ${bad.because}`);
  return {entries: sortByPath(entries), caseSensitive: sortByPath(caseSensitive).map(({path}) => path)};
}

/** Whether a path lies in the dependencies, at whatever depth (workspaces have their own). */
export function isDependency(path: string): boolean {
  return path.startsWith('node_modules/') || path.includes('/node_modules/');
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
