import type {ArchiveDifference} from './diff-archives.ts';

/** For people: `+` is only in the second, `-` only in the first, `~` in both. */
export function* differenceLines({packages, added, removed, changed}: ArchiveDifference): Generator<string> {
  for (const {path, version} of packages.removed) yield `- ${path} ${version}`;
  for (const {path, version} of packages.added) yield `+ ${path} ${version}`;
  for (const {path, from, to} of packages.changed) yield `~ ${path} ${from} -> ${to}`;
  for (const {path} of removed) yield `- ${path}`;
  for (const {path} of added) yield `+ ${path}`;
  for (const {path, what, from, to} of changed) {
    const details = what.map((each) => {
      if (each === 'mode') return `mode ${from.mode} -> ${to.mode}`;
      if (each === 'target' && from.mode === 'link' && to.mode === 'link')
        return `${from.target} -> ${to.target}`;
      return each === 'kind' ? `${kind(from.mode)} -> ${kind(to.mode)}` : each;
    });
    yield `~ ${path}: ${details.join(', ')}`;
  }
}

function kind(mode: string): string {
  return mode === 'link' ? 'link' : 'file';
}
