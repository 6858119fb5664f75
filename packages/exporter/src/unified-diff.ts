import {type DiffLine, lineDiff} from './line-diff.ts';

const CONTEXT = 3;
const NO_NEWLINE = '\\ No newline at end of file';

function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  // What is compared includes whether a line ends.
  return text.endsWith('\n')
    ? lines.slice(0, -1)
    : [...lines.slice(0, -1), `${lines.at(-1)!}\n${NO_NEWLINE}`];
}

/** Changed lines that are near enough to be shown together: from the first line to the one after the last. */
function hunks(lines: readonly DiffLine[]): {readonly from: number; readonly to: number}[] {
  const found: {from: number; to: number}[] = [];
  for (const [index, {sign}] of lines.entries()) {
    if (sign === ' ') continue;
    const last = found.at(-1);
    const to = Math.min(lines.length, index + 1 + CONTEXT);
    if (last && index - CONTEXT <= last.to) last.to = to;
    else found.push({from: Math.max(0, index - CONTEXT), to});
  }
  return found;
}

function range(before: readonly DiffLine[], shown: readonly DiffLine[], side: '-' | '+'): string {
  const count = (lines: readonly DiffLine[]) =>
    lines.filter(({sign}) => sign === ' ' || sign === side).length;
  const [skipped, length] = [count(before), count(shown)];
  // An empty range names the line before it.
  const start = length === 0 ? skipped : skipped + 1;
  return length === 1 ? String(start) : `${start},${length}`;
}

/** The hunks of a unified diff, as patch(1) reads them, without the names of files; empty when nothing differs. */
export function unifiedDiff(before: string, after: string): string {
  const lines = lineDiff(linesOf(before), linesOf(after));
  return hunks(lines)
    .map(({from, to}) => {
      const [earlier, shown] = [lines.slice(0, from), lines.slice(from, to)];
      const title = `@@ -${range(earlier, shown, '-')} +${range(earlier, shown, '+')} @@`;
      return [title, ...shown.map(({sign, text}) => sign + text), ''].join('\n');
    })
    .join('');
}
