/** One line of a Procfile. */
export interface ProcessType {
  readonly name: string;
  /** A line for `/bin/sh -c`: verbatim but for the blanks around it. */
  readonly command: string;
  /** Counted from 1; 0 when it does not come from a Procfile. */
  readonly line: number;
}

// The name class and `:\s*(.+)$` are those of heroku, foreman and honcho; hivemind alone wants a blank after the colon.
const LINE = /^([A-Za-z0-9_-]+):[ \t]*(.*)$/s;
// A blank that the shell is told to keep (`\ `) stays.
const TRAILING_BLANKS = /(?<!\\)[ \t]+$/;
const MAX_QUOTED = 60;

/** A process type; undefined for a comment or a blank line; a text: why the line is neither. */
export function parseLine(content: string, line: number): ProcessType | string | undefined {
  if (/^\s*(#|$)/.test(content)) return undefined;
  if (content.includes('\0')) return `holds a NUL character: ${quote(content)}`;
  if (content.includes('\r')) return `holds a carriage return that ends no line: ${quote(content)}`;
  const match = LINE.exec(content);
  if (match === null) return explain(content);
  const command = match[2]!.replace(TRAILING_BLANKS, '');
  return command === '' ? `${match[1]} has no command` : {name: match[1]!, command, line};
}

function explain(content: string): string {
  if (/^\s+[A-Za-z0-9_-]+:/.test(content)) return `blanks before the name: ${quote(content)}`;
  const name = /^\s*([^:]*):/.exec(content)?.[1];
  return name === undefined || name.trim() === ''
    ? `not \`name: command\`: ${quote(content)}`
    : `${quote(name)} is no name (letters, digits, - and _): ${quote(content)}`;
}

/** JSON quoting shows blanks and control characters that an editor hides. */
export function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}
