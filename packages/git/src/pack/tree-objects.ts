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
  /** By which it is sorted: a folder as if its name ended with a slash (git's base_name_compare). */
  readonly key: string;
}

interface Folder {
  /** `''`, `a/`, `a/b/` */
  readonly prefix: string;
  readonly entries: Entry[];
}

interface TreeFile {
  readonly path: string;
  readonly mode: '644' | '755' | 'link';
  readonly id: string;
}

/** The tree objects of files. What lies in one folder has to come together, as `listTree` gives it. */
export class TreeBuilder {
  readonly #objects: TreeObject[] = [];
  readonly #above: Folder[] = [];
  #folder: Folder = {prefix: '', entries: []};

  add({path, mode, id}: TreeFile): void {
    while (!path.startsWith(this.#folder.prefix)) this.#close();
    for (let at; (at = path.indexOf('/', this.#folder.prefix.length)) !== -1;) {
      this.#above.push(this.#folder);
      this.#folder = {prefix: path.slice(0, at + 1), entries: []};
    }
    const name = path.slice(this.#folder.prefix.length);
    this.#folder.entries.push({mode, name, id, key: name});
  }

  /** Children first, the root last. */
  finish(): readonly TreeObject[] {
    while (this.#above.length > 0) this.#close();
    this.#close();
    return this.#objects;
  }

  #close(): void {
    const {prefix, entries} = this.#folder;
    const bytes = treeBytes(entries);
    const id = idOf('tree', bytes);
    this.#objects.push({id, bytes});
    const parent = this.#above.pop();
    if (parent === undefined) return;
    const key = prefix.slice(parent.prefix.length);
    parent.entries.push({mode: 'folder', name: key.slice(0, -1), id, key});
    this.#folder = parent;
  }
}

function treeBytes(entries: Entry[]): Buffer {
  // JavaScript compares by UTF-16, which differs from UTF-8 only where there are surrogates.
  const wide = entries.some(({key}) => SURROGATE.test(key));
  entries.sort(
    wide
      ? (a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))
      : (a, b) => (a.key < b.key ? -1 : 1),
  );
  const sizes = entries.map(({mode, name}) => MODES[mode].length + Buffer.byteLength(name) + 2 + ID_BYTES);
  const bytes = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const {mode, name, id} of entries) {
    at += bytes.write(`${MODES[mode]} ${name}\0`, at);
    at += bytes.write(id, at, 'hex');
  }
  return bytes;
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
