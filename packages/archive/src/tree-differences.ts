import type {ArchiveEntry} from './archive-manifest.ts';

export interface Problem {
  readonly path: string;
  readonly because: string;
}

/** What is there and should not be, should be and is not, or is not what it should be; sorted as the entries are. */
export function treeDifferences(
  expected: readonly ArchiveEntry[],
  actual: readonly ArchiveEntry[],
): Problem[] {
  const there = new Map(actual.map((entry) => [entry.path, entry]));
  const problems: Problem[] = [];
  for (const entry of expected) {
    const because = difference(entry, there.get(entry.path));
    if (because !== undefined) problems.push({path: entry.path, because});
    there.delete(entry.path);
  }
  for (const path of there.keys()) problems.push({path, because: 'is not listed in keelson.json'});
  return problems;
}

function difference(expected: ArchiveEntry, actual: ArchiveEntry | undefined): string | undefined {
  if (actual === undefined) return 'is missing';
  if (expected.mode === 'link' || actual.mode === 'link') {
    if (expected.mode !== actual.mode) return expected.mode === 'link' ? 'is not a link' : 'is a link';
    const same = expected.mode === 'link' && actual.mode === 'link' && expected.target === actual.target;
    return same ? undefined : 'points somewhere else';
  }
  if (expected.sha256 !== actual.sha256 || expected.size !== actual.size) return 'has other content';
  if (expected.mode === actual.mode) return undefined;
  return expected.mode === '755' ? 'is not executable' : 'is executable';
}
