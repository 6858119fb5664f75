import {GitFault} from './fault.ts';
import type {TreeEntry} from './read-tree.ts';
import {unsafePath} from './unsafe-path.ts';

export interface TreeLimits {
  /** Default 200 000. */
  readonly files: number;
  /** Of all contents together. Default 2 GiB. */
  readonly bytes: number;
}

const DEFAULTS: TreeLimits = {files: 200_000, bytes: 2 * 1024 ** 3};
const LINK_BYTES = 4095; // PATH_MAX
const LINK_HOPS = 40; // MAXSYMLINKS of Linux

/** Refuses a tree that would be too large on disk, or whose names do not belong there. */
export function checkEntries(entries: readonly TreeEntry[], limits: Partial<TreeLimits> = {}): void {
  const {files, bytes} = {...DEFAULTS, ...limits};
  if (entries.length > files) throw tooLarge(`${entries.length} files; ${files} is the limit`);
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (total > bytes) throw tooLarge(`${total} bytes; ${bytes} is the limit`);
  const seen = new Set<string>();
  for (const {path, mode, size} of entries) {
    const because =
      unsafePath(path) ??
      (mode === 'submodule' ? 'is a submodule, whose files are not in the commit' : undefined) ??
      (mode === 'link' && size > LINK_BYTES ? 'is a link with too long a target' : undefined) ??
      (seen.has(path) ? 'is there twice' : undefined);
    if (because !== undefined) throw unsafe(path, because);
    seen.add(path);
  }
  for (const path of seen)
    for (const folder of foldersOf(path))
      if (seen.has(folder)) throw unsafe(path, `lies below ${JSON.stringify(folder)}, which is no folder`);
}

/** Refuses links that lead out of the tree, also by way of other links. */
export function checkLinks(links: ReadonlyMap<string, string>): void {
  for (const [path, target] of links) {
    const because = follow(path, links);
    if (because !== undefined) throw unsafe(path, `is a link to ${JSON.stringify(target)}, which ${because}`);
  }
}

/** Walks a link as the kernel would; what is not a link counts as a folder. */
function follow(path: string, links: ReadonlyMap<string, string>): string | undefined {
  const at: string[] = [];
  const todo = path.split('/');
  let hops = 0;
  while (todo.length > 0) {
    const part = todo.shift()!;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) return 'leads out of the tree';
      continue;
    }
    at.push(part);
    const target = links.get(at.join('/'));
    if (target === undefined) continue;
    if (target === '' || target.startsWith('/') || target.includes('\0')) return 'is not a relative path';
    if (++hops > LINK_HOPS) return 'leads through too many links';
    at.pop();
    todo.unshift(...target.split('/'));
  }
  return undefined;
}

function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

function tooLarge(what: string): GitFault {
  return new GitFault('GIT_TOO_LARGE', `the tree is too large: ${what}`);
}

function unsafe(path: string, because: string): GitFault {
  return new GitFault('GIT_UNSAFE_TREE', `${JSON.stringify(path)} ${because}`);
}
