/** Edits between two words (optimal string alignment: insert, delete, replace, swap neighbours). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({length: b.length + 1}, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) edits = Math.min(edits, before[j - 2]! + 1);
      next.push(edits);
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}

/** The name that was most likely meant; undefined when none is near enough to be a slip of the finger. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const typed = word.slice(0, 60).toLowerCase();
  let best: {name: string; edits: number} | undefined;
  for (const name of names) {
    const begins = typed.length > 1 && name.startsWith(typed);
    const edits = begins ? 1 : distance(typed, name.toLowerCase());
    const limit = begins ? 1 : Math.max(1, Math.floor(Math.max(typed.length, name.length) * 0.4));
    if (edits <= limit && edits < Math.max(typed.length, name.length) && edits < (best?.edits ?? Infinity))
      best = {name, edits};
  }
  return best?.name;
}
