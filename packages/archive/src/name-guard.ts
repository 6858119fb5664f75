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
  // What lies in each folder, by its folded name; by NUL and its very name when it was let stand beside another.
  const folders = new Map<string, Map<string, Node>>([['', new Map()]]);

  const placeIn = (siblings: Map<string, Node>, path: string, kind: NodeKind): string | undefined => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    let key = fold(name);
    let there = siblings.get(key);
    if (there !== undefined && there.path !== path) {
      const other = there;
      key = `\0${name}`;
      there = siblings.get(key);
      if (there === undefined && !mayFold(path, other.path)) return differsByCase(other.path);
    }
    if (there === undefined) {
      siblings.set(key, {path, kind});
      if (kind === 'folder') folders.set(path, new Map());
      return undefined;
    }
    if (there.kind === 'folder' && kind === 'folder') return undefined;
    return there.kind === kind ? 'is there twice' : `is there as ${WHAT[there.kind]} already`;
  };

  /** What lies in a folder, which is placed with its parents when it is new; or why it cannot be there. */
  const open = (folder: string): Map<string, Node> | string => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const siblings = open(folder.slice(0, Math.max(folder.lastIndexOf('/'), 0)));
    if (typeof siblings === 'string') return siblings;
    const name = folder.slice(folder.lastIndexOf('/') + 1);
    const there = [siblings.get(fold(name)), siblings.get(`\0${name}`)].find((node) => node?.path === folder);
    if (there !== undefined) return `lies below ${JSON.stringify(folder)}, which is ${WHAT[there.kind]}`;
    const because = placeIn(siblings, folder, 'folder');
    return because === undefined
      ? folders.get(folder)!
      : `lies in ${JSON.stringify(folder)}, which ${because}`;
  };

  return (path, kind) => {
    const siblings = open(path.slice(0, Math.max(path.lastIndexOf('/'), 0)));
    return typeof siblings === 'string' ? siblings : placeIn(siblings, path, kind);
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
    const folded = fold(path);
    const other = first.get(folded);
    if (other === undefined) first.set(folded, path);
    else same.set(path, other).set(other, path);
  }
  return [...same];
}
