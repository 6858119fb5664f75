export type NodeKind = 'file' | 'link' | 'folder';

/** Says why an entry cannot stand beside those before it. */
export type NameGuard = (path: string, kind: NodeKind) => string | undefined;

interface Node {
  readonly path: string;
  readonly kind: NodeKind;
}

const WHAT: Readonly<Record<NodeKind, string>> = {file: 'a file', link: 'a link', folder: 'a folder'};
const ASCII = /^[\u0020-\u007e]*$/;

/**
 * Refuses what would be written twice, over or below something that is no folder, and names that a file system which
 * folds case or normalizes Unicode (macOS, Windows) takes for one.
 * @param mayFold asked about two such names: whether they may stand side by side. Default never.
 */
export function createNameGuard(mayFold: (path: string, other: string) => boolean = () => false): NameGuard {
  const nodes = new Map<string, Node>();
  const besides = new Map<string, Node>(); // by their very names: those that were let stand beside a node

  const at = (path: string): Node | undefined => {
    const there = nodes.get(fold(path));
    return there?.path === path ? there : besides.get(path);
  };

  const place = (path: string, kind: NodeKind): string | undefined => {
    const key = fold(path);
    const first = nodes.get(key);
    if (first === undefined) {
      nodes.set(key, {path, kind});
      return undefined;
    }
    const there = at(path);
    if (there === undefined) {
      if (!mayFold(path, first.path)) return differsByCase(first.path);
      besides.set(path, {path, kind});
      return undefined;
    }
    if (there.kind === 'folder' && kind === 'folder') return undefined;
    return there.kind === kind ? 'is there twice' : `is there as ${WHAT[there.kind]} already`;
  };

  const below = new Set<string>();
  const placeFolder = (folder: string): string | undefined => {
    if (below.has(folder)) return undefined;
    const parent = folder.lastIndexOf('/');
    const because = parent === -1 ? undefined : placeFolder(folder.slice(0, parent));
    if (because !== undefined) return because;
    const there = at(folder);
    if (there !== undefined && there.kind !== 'folder')
      return `lies below ${JSON.stringify(folder)}, which is ${WHAT[there.kind]}`;
    const why = place(folder, 'folder');
    if (why !== undefined) return `lies in ${JSON.stringify(folder)}, which ${why}`;
    below.add(folder);
    return undefined;
  };

  return (path, kind) => {
    const parent = path.lastIndexOf('/');
    const because = parent === -1 ? undefined : placeFolder(path.slice(0, parent));
    return because ?? place(path, kind);
  };
}

function fold(path: string): string {
  return ASCII.test(path) ? path.toUpperCase() : path.normalize('NFC').toUpperCase().normalize('NFC');
}

export function differsByCase(other: string): string {
  return `differs from ${JSON.stringify(other)} only by case or Unicode form`;
}

/** Those of some paths in one folder that such a file system takes for another of them, each with that one. */
export function sameWhenFolded(paths: readonly string[]): [path: string, other: string][] {
  const first = new Map<string, string>();
  const same = new Map<string, string>();
  for (const path of paths) {
    const other = first.get(fold(path));
    if (other === undefined) first.set(fold(path), path);
    else same.set(path, other).set(other, path);
  }
  return [...same];
}
