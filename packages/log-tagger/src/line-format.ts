/** What goes around lines. Text is latin1: one character for each byte. Each result ends with a newline. */
export interface LineFormat {
  /** One line or more, with newlines between them. */
  lines(block: string): string;
  /** A part of a line that was too long; `more` when further parts follow. */
  piece(text: string, more: boolean): string;
}

export interface FormatOptions {
  readonly tag: string;
  readonly kind: 'out' | 'err';
  /** The time as text, '' for none; asked once for a block. */
  readonly now: () => string;
  /** SGR parameters such as `36`, for a terminal. */
  readonly color?: string | undefined;
}

/** UTF-8 bytes, one character each. */
export function toLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
