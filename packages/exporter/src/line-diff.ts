/** A line of a diff: kept, taken away or added. */
export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

// Of rows times columns: beyond that the whole middle is replaced. Units have a hundred lines.
const MAX_CELLS = 4_000_000;

/** The lines of one text and what makes another of it, with as many lines kept as there can be. */
export function lineDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < Math.min(before.length, after.length) - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail += 1;
  const kept = (lines: readonly string[]) => lines.map((text) => ({sign: ' ', text}) as const);
  return [
    ...kept(before.slice(0, head)),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...kept(before.slice(before.length - tail)),
  ];
}

/** The longest common subsequence, by its lengths from the end. */
function middle(before: readonly string[], after: readonly string[]): DiffLine[] {
  const removed = (text: string) => ({sign: '-', text}) as const;
  const added = (text: string) => ({sign: '+', text}) as const;
  const columns = after.length + 1;
  if (before.length === 0 || after.length === 0 || before.length * columns > MAX_CELLS)
    return [...before.map(removed), ...after.map(added)];
  const common = new Uint32Array((before.length + 1) * columns);
  const at = (row: number, column: number) => common[row * columns + column]!;
  for (let row = before.length - 1; row >= 0; row--)
    for (let column = after.length - 1; column >= 0; column--)
      common[row * columns + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    if (row < before.length && before[row] === after[column]) {
      lines.push({sign: ' ', text: before[row]!});
      row += 1;
      column += 1;
    } else if (row < before.length && (column === after.length || at(row + 1, column) >= at(row, column + 1)))
      lines.push(removed(before[row++]!));
    else lines.push(added(after[column++]!));
  }
  return lines;
}
