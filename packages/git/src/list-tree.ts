import {readdirSync, lstatSync} from 'node:fs';
import {join} from 'node:path';
import {GitFault} from './fault.ts';
import {unsafePath} from './unsafe-path.ts';

export interface LocalEntry {
  /** Relative, with `/`. */
  readonly path: string;
  readonly mode: '644' | '755' | 'link';
  readonly size: number;
}

/** What git can hold of a folder, in a stable order. Anything else in it is a GIT_UNSAFE_TREE. */
export function* listTree(root: string, folder = ''): Generator<LocalEntry> {
  const names = readdirSync(join(root, folder)).sort();
  for (const name of names) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const because = unsafePath(path);
    if (because !== undefined) throw refuse(root, path, because);
    const facts = lstatSync(join(root, path));
    if (facts.isDirectory()) yield* listTree(root, path);
    else if (facts.isSymbolicLink()) yield {path, mode: 'link', size: 0};
    else if (facts.isFile()) yield {path, mode: facts.mode & 0o111 ? '755' : '644', size: facts.size};
    else throw refuse(root, path, 'is neither a file, a folder nor a link');
  }
}

function refuse(root: string, path: string, because: string): GitFault {
  return new GitFault('GIT_UNSAFE_TREE', `cannot commit ${root}: ${JSON.stringify(path)} ${because}`, {
    hint: 'Leave it out of the folder.',
  });
}
