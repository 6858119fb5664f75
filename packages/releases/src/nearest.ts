/** The candidate that is at most two edits (of letters, whatever their case) away, the nearest first. */
export function nearestTo(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase())}))
    .toSorted((a, b) => a.edits - b.edits);
  return ranked[0] !== undefined && ranked[0].edits <= 2 ? ranked[0].candidate : undefined;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({length: b.length + 1}, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
