export type NodeKind = 'file' | 'link' | 'folder';

/** Says why an entry cannot stand beside those before it. */
export type NameGuard = (path: string, kind: NodeKind) => string | undefined;

const WHAT: Readonly<Record<NodeKind, string>> = {file: 'a file', link: 'a link', folder: 'a folder'};
const ASCII = /^[\u0020-\u007e]*$/;

/**
 * Refuses what would be written twice, over or below something that is no folder, and names that a file system which
 * folds case or normalizes Unicode (macOS, Windows) takes for one.
 */
export function createNameGuard(): NameGuard {
  const nodes = new Map<string, {readonly path: string; readonly kind: NodeKind}>();

  const place = (path: string, kind: NodeKind): string | undefined => {
    const key = fold(path);
    const there = nodes.get(key);
    if (there === undefined) {
      nodes.set(key, {path, kind});
      return undefined;
    }
    if (there.path !== path) return `differs from ${JSON.stringify(there.path)} only by case or Unicode form`;
    if (there.kind === 'folder' && kind === 'folder') return undefined;
    return there.kind === kind ? 'is there twice' : `is there as ${WHAT[there.kind]} already`;
  };

  const below = new Set<string>();
  const placeFolder = (folder: string): string | undefined => {
    if (below.has(folder)) return undefined;
    const parent = folder.lastIndexOf('/');
    const because = parent === -1 ? undefined : placeFolder(folder.slice(0, parent));
    if (because !== undefined) return because;
    const there = nodes.get(fold(folder));
    if (there !== undefined && there.path === folder && there.kind !== 'folder')
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
