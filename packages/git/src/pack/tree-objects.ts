import {idOf} from './object-format.ts';

export interface TreeObject {
  readonly id: string;
  readonly bytes: Buffer;
}

const MODES = {'644': '100644', '755': '100755', link: '120000', folder: '40000'} as const;

interface Entry {
  readonly mode: keyof typeof MODES;
  readonly name: string;
  readonly id: string;
}

/** The tree objects of these files, children first, the root last. */
export function treeObjects(
  files: Iterable<{readonly path: string; readonly mode: '644' | '755' | 'link'; readonly id: string}>,
): TreeObject[] {
  const folders = new Map<string, Entry[]>([['', []]]);
  for (const {path, mode, id} of files) {
    const slash = path.lastIndexOf('/');
    entriesOf(folders, slash === -1 ? '' : path.slice(0, slash)).push({
      mode,
      name: path.slice(slash + 1),
      id,
    });
  }
  const deepestFirst = [...folders.keys()].sort((a, b) => depth(b) - depth(a));
  const objects: TreeObject[] = [];
  for (const folder of deepestFirst) {
    const bytes = treeBytes(folders.get(folder)!);
    const id = idOf('tree', bytes);
    objects.push({id, bytes});
    if (folder === '') continue;
    const slash = folder.lastIndexOf('/');
    const parent = folders.get(slash === -1 ? '' : folder.slice(0, slash))!;
    parent.push({mode: 'folder', name: folder.slice(slash + 1), id});
  }
  return objects;
}

function entriesOf(folders: Map<string, Entry[]>, folder: string): Entry[] {
  const known = folders.get(folder);
  if (known !== undefined) return known;
  const slash = folder.lastIndexOf('/');
  entriesOf(folders, slash === -1 ? '' : folder.slice(0, slash)); // a folder of folders alone has a tree, too
  const entries: Entry[] = [];
  folders.set(folder, entries);
  return entries;
}

function depth(folder: string): number {
  return folder === '' ? 0 : folder.split('/').length;
}

/** Sorted by bytes, a folder as if its name ended with a slash (git's base_name_compare). */
function treeBytes(entries: readonly Entry[]): Buffer {
  const sorted = entries
    .map((entry) => ({...entry, key: Buffer.from(entry.mode === 'folder' ? `${entry.name}/` : entry.name)}))
    .sort((a, b) => a.key.compare(b.key));
  return Buffer.concat(
    sorted.flatMap(({mode, name, id}) => [Buffer.from(`${MODES[mode]} ${name}\0`), Buffer.from(id, 'hex')]),
  );
}

/** A commit object, as every committer writes it. */
export function commitBytes({
  tree,
  parents,
  author,
  message,
}: {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: string;
  readonly message: string;
}): Buffer {
  const head = [
    `tree ${tree}`,
    ...parents.map((one) => `parent ${one}`),
    `author ${author}`,
    `committer ${author}`,
  ];
  return Buffer.from(`${head.join('\n')}\n\n${message}`);
}
