/** What goes around lines. Text is latin1: one character for each byte. Each result ends with a newline, or is ''. */
export interface LineFormat {
  /** One line or more, with newlines between them. */
  lines(block: string): string;
  /** A part of a line that was too long; `more` when further parts follow. */
  piece(text: string, more: boolean): string;
  /**
   * Lines that belong together, with newlines between them; `more` when the record was too long and goes on.
   * Default: one line, in which `\n` (two characters) stands for each newline.
   */
  record?(text: string, more: boolean): string;
  /** Tells that so many lines are missing here. Default: a line of text. */
  dropped?(count: number): string;
}

/** Fields of a source, such as its pid. */
export type Fields = Readonly<Record<string, string | number | boolean>>;

export interface FormatOptions {
  /** The tags, with blanks between them; '' for none. */
  readonly tag: string;
  /** The tags one by one. Default: `tag`. */
  readonly tags?: readonly string[] | undefined;
  readonly kind: 'out' | 'err';
  readonly fields?: Fields | undefined;
  /** The time as text, '' for none; asked once for a block. */
  readonly now: () => string;
  /** SGR parameters such as `36`, for a terminal. */
  readonly color?: string | undefined;
  /** How text shows lines that belong together: as one line, or one below the other. Default 'joined'. */
  readonly records?: 'joined' | 'kept' | undefined;
}

export function droppedWords(count: number): string {
  return `dropped ${count} ${count === 1 ? 'line' : 'lines'}`;
}

/** UTF-8 bytes, one character each. */
export function toLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
