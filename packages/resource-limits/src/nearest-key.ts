/** Edits that turn one word into the other. */
function distance(from: string, to: string): number {
  let row = Array.from({length: to.length + 1}, (_, column) => column);
  for (const [index, letter] of from.split('').entries()) {
    const next = [index + 1];
    for (const [column, other] of to.split('').entries()) {
      const replaced = row[column]! + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, row[column + 1]! + 1, next[column]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}

/** The known key that a misspelled one probably means; undefined when none is near. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const typed = key.slice(0, 60).toLowerCase();
  const near = known
    .map((other) => ({other, edits: distance(typed, other.toLowerCase())}))
    .filter(({edits}) => edits <= Math.max(1, Math.floor(typed.length / 3)));
  return near.sort((a, b) => a.edits - b.edits)[0]?.other;
}
