// A control sequence (ECMA-48 §5.4) or an operating system command such as a link: nothing that takes room on a line.
// oxlint-disable-next-line no-control-regex
const ESCAPE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))/g;

/**
 * A line of at most `width` characters, without blanks at its end. One that is cut ends with `…` and loses its colours, for
 * what it would have set back is gone; one that fits is left as it is.
 */
export function trimLine(line: string, width: number): string {
  const trimmed = line.trimEnd();
  const visible = Array.from(trimmed.replace(ESCAPE, ''));
  return visible.length <= width ? trimmed : `${visible.slice(0, width).join('')}…`;
}

/** A line in pieces of at most `width` characters each; control sequences stay where they are and take no room. */
export function wrapLine(line: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let room = width;
  let position = 0;
  const addText = (text: string) => {
    for (const character of text) {
      if (room === 0) {
        pieces.push(piece);
        piece = '';
        room = width;
      }
      piece += character;
      room--;
    }
  };
  for (const escape of line.matchAll(ESCAPE)) {
    addText(line.slice(position, escape.index));
    piece += escape[0];
    position = escape.index + escape[0].length;
  }
  addText(line.slice(position));
  return [...pieces, piece];
}
