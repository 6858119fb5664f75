import {idOf} from './object-format.ts';

export interface TreeObject {
  readonly id: string;
  readonly bytes: Buffer;
}

const MODES = {'644': '100644', '755': '100755', link: '120000', folder: '40000'} as const;

const ID_BYTES = 20;
const SURROGATE = /[\ud800-\udfff]/;

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
function treeBytes(entries: Entry[]): Buffer {
  entries.sort((a, b) => compareBytes(keyOf(a), keyOf(b)));
  const sizes = entries.map(({mode, name}) => MODES[mode].length + Buffer.byteLength(name) + 2 + ID_BYTES);
  const bytes = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const {mode, name, id} of entries) {
    at += bytes.write(`${MODES[mode]} ${name}\0`, at);
    at += bytes.write(id, at, 'hex');
  }
  return bytes;
}

function keyOf({mode, name}: Entry): string {
  return mode === 'folder' ? `${name}/` : name;
}

/** JavaScript compares by UTF-16, which differs from UTF-8 only where there are surrogates. */
function compareBytes(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
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
