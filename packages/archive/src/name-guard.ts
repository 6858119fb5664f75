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
  // By the key of the folder that they lie in, and their own folded name; by their very name when they were let stand beside another.
  const nodes = new Map<string, Node>();
  const keys = new Map<string, string>([['', '']]); // of folders, by path

  /** Where a path is, or would be, among the nodes, and who stands in its way. */
  const lookUp = (path: string): {readonly key: string; readonly node?: Node; readonly other?: Node} => {
    const slash = path.lastIndexOf('/');
    const parent = keys.get(path.slice(0, Math.max(slash, 0)))!;
    const name = path.slice(slash + 1);
    const key = `${parent}/${fold(name)}`;
    const node = nodes.get(key);
    if (node === undefined || node.path === path) return {key, ...(node && {node})};
    const beside = `${parent}/\0${name}`;
    const itself = nodes.get(beside);
    return itself === undefined ? {key: beside, other: node} : {key: beside, node: itself};
  };

  const place = (path: string, kind: NodeKind): string | undefined => {
    const {key, node, other} = lookUp(path);
    if (node === undefined) {
      if (other !== undefined && !mayFold(path, other.path)) return differsByCase(other.path);
      nodes.set(key, {path, kind});
      if (kind === 'folder') keys.set(path, key);
      return undefined;
    }
    if (node.kind === 'folder' && kind === 'folder') return undefined;
    return node.kind === kind ? 'is there twice' : `is there as ${WHAT[node.kind]} already`;
  };

  const placeFolder = (folder: string): string | undefined => {
    if (keys.has(folder)) return undefined;
    const slash = folder.lastIndexOf('/');
    const because = slash === -1 ? undefined : placeFolder(folder.slice(0, slash));
    if (because !== undefined) return because;
    const {node} = lookUp(folder);
    if (node !== undefined) return `lies below ${JSON.stringify(folder)}, which is ${WHAT[node.kind]}`;
    const why = place(folder, 'folder');
    return why === undefined ? undefined : `lies in ${JSON.stringify(folder)}, which ${why}`;
  };

  return (path, kind) => {
    const slash = path.lastIndexOf('/');
    const because = slash === -1 ? undefined : placeFolder(path.slice(0, slash));
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
