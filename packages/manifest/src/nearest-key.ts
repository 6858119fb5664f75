/** The known key that differs least from a misspelled one; undefined when none comes near. Case counts little. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({candidate, distance: distance(key.toLowerCase(), candidate.toLowerCase())}))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(2, Math.floor(key.length / 3)) ? best.candidate : undefined;
}

/** Damerau-Levenshtein (optimal string alignment): letters added, lost, changed, or two swapped. */
function distance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({length: b.length + 1}, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      let least = Math.min(previous[column]! + 1, current[column - 1]! + 1, changed);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        least = Math.min(least, older[column - 2]! + 1);
      current.push(least);
    }
    older = previous;
    previous = current;
  }
  return previous[b.length]!;
}
