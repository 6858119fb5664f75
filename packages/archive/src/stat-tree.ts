import {lstatSync} from 'node:fs';
import type {LinkEntry} from './archive-manifest.ts';
import type {Breath} from './breathe.ts';
import {changed, stampOf} from './file-stamp.ts';
import {isDependency, type FoundEntry, type FoundTree} from './walk-tree.ts';

/** A look at the clock for each file would take as long as the file. */
const FILES_A_LOOK = 64;

/** When this program began. */
const BEGAN_NS = BigInt(Math.floor(performance.timeOrigin)) * 1_000_000n;
/** Files that can be read as quickly as it takes to tell whether they changed. */
const FEW = 64;

/** A file whose contents nobody has looked at yet; the stamp tells whether it is still that when somebody does. */
export interface StattedFile {
  readonly path: string;
  readonly mode: '644' | '755';
  readonly size: number;
  readonly stamp: string;
}

/** A folder with nothing in it. */
export interface EmptyFolder {
  readonly path: string;
  readonly mode: 'folder';
}

export type StattedEntry = StattedFile | LinkEntry | EmptyFolder;

export interface StattedTree {
  /** Sorted by path. */
  readonly entries: readonly StattedEntry[];
  readonly caseSensitive: readonly string[];
  /** Sum of the files' sizes. */
  readonly bytes: number;
  /** Paths below node_modules of the few files that were written since this program began; none when they are many. */
  readonly recent: ReadonlySet<string>;
  /** The latest ctime of another file below node_modules, in nanoseconds since 1970. */
  readonly changedAt: bigint;
}

/** What the file system says about the files of a tree. Faults: ARCHIVE_CHANGED. */
export async function statTree(
  root: string,
  {entries, caseSensitive}: FoundTree,
  breathe: Breath,
): Promise<StattedTree> {
  let bytes = 0;
  let changedAt = 0n;
  let recentAt = 0n;
  const recent = new Set<string>();
  const statted: StattedEntry[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'file') {
      statted.push(statEntry(root, entry));
      continue;
    }
    const [file, ctime] = statFile(root, entry.path);
    statted.push(file);
    bytes += file.size;
    if (ctime > changedAt && isDependency(file.path)) {
      if (ctime < BEGAN_NS || recent.size > FEW) changedAt = ctime;
      else {
        recent.add(file.path);
        if (ctime > recentAt) recentAt = ctime;
      }
    }
    if (statted.length % FILES_A_LOOK === 0) await breathe();
  }
  if (recent.size > FEW) {
    recent.clear();
    if (recentAt > changedAt) changedAt = recentAt;
  }
  return {entries: statted, caseSensitive, bytes, recent, changedAt};
}

export function statEntry(root: string, entry: FoundEntry): StattedEntry {
  const {path, kind} = entry;
  if (kind === 'folder') return {path, mode: 'folder'};
  return kind === 'link' ? {path, mode: 'link', target: entry.target} : statFile(root, path)[0];
}

function statFile(root: string, path: string): [file: StattedFile, ctimeNs: bigint] {
  const stats = lstatSync(`${root}/${path}`, {bigint: true, throwIfNoEntry: false});
  if (stats?.isFile() !== true) throw changed(root, path);
  const {mode, size, ctimeNs} = stats;
  return [{path, mode: modeOf(Number(mode)), size: Number(size), stamp: stampOf(stats)}, ctimeNs];
}

/** Only whether somebody may execute it travels; the rest belongs to the umask of a machine. */
function modeOf(mode: number): '644' | '755' {
  return (mode & 0o111) === 0 ? '644' : '755';
}
