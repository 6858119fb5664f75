import {lstatSync, readdirSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';

export type TreeEntry =
  | {readonly path: string; readonly mode: '644' | '755'; readonly size: number}
  | {readonly path: string; readonly mode: 'link'; readonly target: string};

/** Every file and link below a folder, sorted by bytes; folders are what their files say, and nothing else is in a checkout. */
export function treeEntries(root: string): TreeEntry[] {
  const entries: TreeEntry[] = [];
  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop())
    for (const entry of readdirSync(join(root, folder), {withFileTypes: true})) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) todo.push(path);
      else if (entry.isSymbolicLink())
        entries.push({path, mode: 'link', target: readlinkSync(join(root, path))});
      else if (entry.isFile()) {
        const {mode, size} = lstatSync(join(root, path));
        entries.push({path, mode: (mode & 0o111) === 0 ? '644' : '755', size});
      }
    }
  return entries.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}
