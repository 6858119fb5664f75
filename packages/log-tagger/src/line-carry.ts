/** Gets the lines of a source. Text is latin1: one character for each byte. */
export interface LineTarget {
  /** One whole line or more, with newlines between them. */
  lines(block: string): void;
  /** A part of a line that is too long; `more` when further parts follow. */
  piece(text: string, more: boolean): void;
}

/**
 * Chunks of one source in, whole lines out. What comes after the last newline is kept until its line is complete. Nothing is
 * decoded, so that every byte comes out again. A line of more than `maxBytes` is cut into pieces; where, depends on the line
 * alone and not on how it was chunked.
 */
export class LineCarry {
  readonly #target: LineTarget;
  readonly #maxBytes: number;
  #rest = '';
  /** `#rest` is the end of a line whose beginning went out as pieces. */
  #continues = false;

  constructor(target: LineTarget, maxBytes: number) {
    this.#target = target;
    this.#maxBytes = maxBytes;
  }

  push(chunk: string): void {
    const end = chunk.lastIndexOf('\n');
    if (end < 0) {
      this.#rest += chunk;
    } else {
      // The line that was begun goes first and alone: what is joined has to be copied.
      const first = this.#rest === '' ? -1 : chunk.indexOf('\n');
      if (first >= 0) this.#block(this.#rest + chunk.slice(0, first));
      if (end > first) this.#block(chunk.slice(first + 1, end));
      this.#rest = chunk.slice(end + 1);
    }
    this.#cutRest();
  }

  /** The last line, which came without a newline. */
  end(): void {
    const rest = this.#rest;
    this.#rest = '';
    if (rest !== '') this.#block(rest);
  }

  /** Whole lines with newlines between them. */
  #block(block: string): void {
    if (block.length <= this.#maxBytes && !this.#continues) return this.#target.lines(block);
    let start = 0; // of the lines that are fine and not out yet
    let position = 0; // everything before it is known to be fine
    if (this.#continues) {
      this.#continues = false;
      start = position = endOfLine(block, 0) + 1;
      this.#pieces(block.slice(0, start - 1));
    }
    // Every line that ends within maxBytes from a line's start is short enough: one search backwards covers them all.
    while (block.length - position > this.#maxBytes) {
      const newline = block.lastIndexOf('\n', position + this.#maxBytes);
      if (newline >= position) {
        position = newline + 1;
        continue;
      }
      if (position > start) this.#target.lines(block.slice(start, position - 1));
      const end = endOfLine(block, position);
      this.#pieces(block.slice(position, end));
      start = position = end + 1;
    }
    if (start <= block.length) this.#target.lines(block.slice(start));
  }

  #pieces(line: string): void {
    let rest = line;
    while (rest.length > this.#maxBytes) {
      const cut = boundary(rest, this.#maxBytes);
      this.#target.piece(rest.slice(0, cut), true);
      rest = rest.slice(cut);
    }
    this.#target.piece(rest, false);
  }

  #cutRest(): void {
    while (this.#rest.length > this.#maxBytes) {
      const cut = boundary(this.#rest, this.#maxBytes);
      this.#target.piece(this.#rest.slice(0, cut), true);
      this.#rest = this.#rest.slice(cut);
      this.#continues = true;
    }
  }
}

function endOfLine(block: string, position: number): number {
  const newline = block.indexOf('\n', position);
  return newline < 0 ? block.length : newline;
}

/** The last place up to `max` that is not inside of a UTF-8 character (whose further bytes are 10xxxxxx; at most three). */
function boundary(text: string, max: number): number {
  for (let cut = max; cut > max - 4 && cut > 0; cut--) if ((text.charCodeAt(cut) & 0xc0) !== 0x80) return cut;
  return max;
}
