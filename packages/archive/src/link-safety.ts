import {unsafeTarget} from './entry-paths.ts';

const HOPS = 40; // MAXSYMLINKS of Linux

/**
 * The first link (path → target) that must not be in a tree: an absolute target, or one that leaves the tree when it is
 * walked as the kernel does, through the other links. Names alone are not enough: `a/up -> ../..` makes `a/up/x` an outside path.
 */
export function findUnsafeLink(
  links: ReadonlyMap<string, string>,
): {readonly path: string; readonly target: string; readonly because: string} | undefined {
  for (const [path, target] of links) {
    const because = unsafeTarget(target) ?? follow(path, links);
    if (because !== undefined) return {path, target, because};
  }
  return undefined;
}

/** What is not a link counts as a folder: a missing part stops the kernel, and cannot lead out. */
function follow(path: string, links: ReadonlyMap<string, string>): string | undefined {
  const at: string[] = [];
  const todo = path.split('/').reverse();
  let hops = 0;
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) return 'leads out of the tree';
      continue;
    }
    at.push(part);
    const target = links.get(at.join('/'));
    if (target === undefined) continue;
    const because = unsafeTarget(target);
    if (because !== undefined) return `leads through a link that ${because}`;
    if (++hops > HOPS) return 'leads through too many links';
    at.pop();
    todo.push(...target.split('/').reverse());
  }
  return undefined;
}
