/** Only their lines, and the three before each, can be part of a record of several lines. */
const MARKS = ['\n ', '\n\t', '\n^', 'Error'];

/** Where the lines that no mark is near to end: the start of a line, or `at` itself. The search is V8's, not a loop of ours. */
export function calmStretches(block: string): (at: number) => number {
  // For each mark that begins with a newline V8 looks at every line; most texts have no tab and no caret at all.
  const next = MARKS.map((mark) => (block.includes(mark.at(-1)!) ? -1 : Infinity));
  return (at) => {
    let mark = block.length;
    for (const [index, text] of MARKS.entries()) {
      if (next[index]! < at - 1) {
        const found = block.indexOf(text, at - 1);
        next[index] = found < 0 ? Infinity : found;
      }
      mark = Math.min(mark, next[index]!);
    }
    // The start of its line, and three lines more: a place, its source, and an empty one.
    let until = mark + 1;
    for (let lines = 0; lines < 4 && until > at; lines++) until = block.lastIndexOf('\n', until - 2) + 1;
    return Math.max(at, until);
  };
}
