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

/** What git can hold of a folder, in a stable order: all of a folder within it together. Anything else in it is a GIT_UNSAFE_TREE. */
export function* listTree(root: string): Generator<LocalEntry> {
  // With a stack of its own: generators within generators cost more than all the rest.
  const above: {folder: string; names: string[]}[] = [];
  let here = openFolder(root, '');
  for (;;) {
    const name = here.names.pop();
    if (name === undefined) {
      const back = above.pop();
      if (back === undefined) return;
      here = back;
      continue;
    }
    const path = here.folder + name;
    // What is above it was looked at on the way here.
    const because = unsafePath(name) ?? (path.length > 1000 ? unsafePath(path) : undefined);
    if (because !== undefined) throw refuse(root, path, because);
    const facts = lstatSync(`${root}/${path}`);
    const times = [facts.mtimeMs, facts.ctimeMs, facts.ino] as const;
    if (facts.isDirectory()) {
      above.push(here);
      here = openFolder(root, `${path}/`);
    } else if (facts.isSymbolicLink()) yield {path, mode: 'link', size: 0, times};
    else if (facts.isFile()) yield {path, mode: facts.mode & 0o111 ? '755' : '644', size: facts.size, times};
    else throw refuse(root, path, 'is neither a file, a folder nor a link');
  }
}

/** @param folder `''`, `a/`, `a/b/` */
function openFolder(root: string, folder: string): {readonly folder: string; readonly names: string[]} {
  return {folder, names: readdirSync(`${root}/${folder}`).sort().reverse()};
}

function refuse(root: string, path: string, because: string): GitFault {
  return new GitFault('GIT_UNSAFE_TREE', `cannot commit ${root}: ${JSON.stringify(path)} ${because}`, {
    hint: 'Leave it out of the folder.',
  });
}
