import type {LineFormat} from './line-format.ts';

/**
 * Chunks of one source in, formatted whole lines out. What comes after the last newline is kept until its line is
 * complete. All text is latin1: one character for each byte, so that nothing is decoded and every byte comes out again.
 * A line of more than `maxBytes` is cut into pieces; where, depends on the line alone and not on how it was chunked.
 */
export class LineCarry {
  readonly #format: LineFormat;
  readonly #maxBytes: number;
  #rest = '';
  /** `#rest` is the end of a line whose beginning went out as pieces. */
  #continues = false;

  constructor(format: LineFormat, maxBytes: number) {
    this.#format = format;
    this.#maxBytes = maxBytes;
  }

  push(chunk: string): string {
    const end = chunk.lastIndexOf('\n');
    if (end < 0) {
      this.#rest += chunk;
      return this.#cutRest();
    }
    const block = this.#rest + chunk.slice(0, end);
    this.#rest = chunk.slice(end + 1);
    return this.#formatBlock(block) + this.#cutRest();
  }

  /** The last line, which came without a newline. */
  end(): string {
    const rest = this.#rest;
    this.#rest = '';
    return rest === '' ? '' : this.#formatBlock(rest);
  }

  /** Whole lines with newlines between them. */
  #formatBlock(block: string): string {
    if (block.length <= this.#maxBytes && !this.#continues) return this.#format.lines(block);
    let out = '';
    let start = 0; // of the lines that are fine and not formatted yet
    let position = 0; // everything before it is known to be fine
    if (this.#continues) {
      this.#continues = false;
      start = position = endOfLine(block, 0) + 1;
      out = this.#pieces(block.slice(0, start - 1));
    }
    // Every line that ends within maxBytes from a line's start is short enough: one search backwards covers them all.
    while (block.length - position > this.#maxBytes) {
      const newline = block.lastIndexOf('\n', position + this.#maxBytes);
      if (newline >= position) {
        position = newline + 1;
        continue;
      }
      if (position > start) out += this.#format.lines(block.slice(start, position - 1));
      const end = endOfLine(block, position);
      out += this.#pieces(block.slice(position, end));
      start = position = end + 1;
    }
    return start > block.length ? out : out + this.#format.lines(block.slice(start));
  }

  #pieces(line: string): string {
    let out = '';
    let rest = line;
    while (rest.length > this.#maxBytes) {
      const cut = boundary(rest, this.#maxBytes);
      out += this.#format.piece(rest.slice(0, cut), true);
      rest = rest.slice(cut);
    }
    return out + this.#format.piece(rest, false);
  }

  #cutRest(): string {
    let out = '';
    while (this.#rest.length > this.#maxBytes) {
      const cut = boundary(this.#rest, this.#maxBytes);
      out += this.#format.piece(this.#rest.slice(0, cut), true);
      this.#rest = this.#rest.slice(cut);
      this.#continues = true;
    }
    return out;
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
