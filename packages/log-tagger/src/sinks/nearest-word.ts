/** Edits that turn one word into the other; two letters that changed places are one. */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({length: to.length + 1}, (_, column) => column);
  for (let index = 0; index < from.length; index++) {
    const next = [index + 1];
    for (let column = 0; column < to.length; column++) {
      const replaced = row[column]! + (from[index] === to[column] ? 0 : 1);
      const swapped = from[index] === to[column - 1] && from[index - 1] === to[column];
      const edits = Math.min(replaced, row[column + 1]! + 1, next[column]! + 1);
      next.push(swapped ? Math.min(edits, before[column - 1]! + 1) : edits);
    }
    before = row;
    row = next;
  }
  return row[to.length]!;
}

/** The known word that a misspelled one probably means; undefined when none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((other) => ({other, edits: distance(word.toLowerCase(), other.toLowerCase())}))
    .filter(({edits}) => edits <= Math.max(1, Math.floor(word.length / 3)));
  return near.sort((a, b) => a.edits - b.edits)[0]?.other;
}
