import {readdirSync, lstatSync} from 'node:fs';
import {GitFault} from './fault.ts';
import {unsafePath} from './unsafe-path.ts';

export interface LocalEntry {
  /** Relative, with `/`. */
  readonly path: string;
  readonly mode: '644' | '755' | 'link';
  readonly size: number;
  /** mtime and ctime in milliseconds, and the inode. */
  readonly times: readonly [number, number, number];
}

/** What git can hold of a folder, in a stable order. Anything else in it is a GIT_UNSAFE_TREE. */
export function* listTree(root: string, folder = ''): Generator<LocalEntry> {
  const names = readdirSync(folder === '' ? root : `${root}/${folder}`).sort();
  for (const name of names) {
    const path = folder === '' ? name : `${folder}/${name}`;
    // What is above it was looked at on the way here.
    const because = unsafePath(name) ?? (path.length > 1000 ? unsafePath(path) : undefined);
    if (because !== undefined) throw refuse(root, path, because);
    const facts = lstatSync(`${root}/${path}`);
    const times = [facts.mtimeMs, facts.ctimeMs, facts.ino] as const;
    if (facts.isDirectory()) yield* listTree(root, path);
    else if (facts.isSymbolicLink()) yield {path, mode: 'link', size: 0, times};
    else if (facts.isFile()) yield {path, mode: facts.mode & 0o111 ? '755' : '644', size: facts.size, times};
    else throw refuse(root, path, 'is neither a file, a folder nor a link');
  }
}

function refuse(root: string, path: string, because: string): GitFault {
  return new GitFault('GIT_UNSAFE_TREE', `cannot commit ${root}: ${JSON.stringify(path)} ${because}`, {
    hint: 'Leave it out of the folder.',
  });
}
