import {ExportFault} from '../fault.ts';

// oxlint-disable no-control-regex -- control characters are what this is about

const C_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
};

// execve(2): MAX_ARG_STRLEN, 32 pages.
const MAX_STRING_BYTES = 131_071;

/** Text that systemd can hold in a unit at all. `where` begins the message of the EXPORT_VALUE fault. */
function checkText(text: string, where: string): void {
  // unichar_is_valid() of systemd: lines and values with these are dropped with a warning.
  if (/\p{Noncharacter_Code_Point}|\p{Surrogate}|\0/u.test(text)) {
    throw new ExportFault(
      'EXPORT_VALUE',
      `${where} holds a character that systemd drops (NUL or a noncharacter)`,
      {
        hint: 'Keep such bytes in a file, or encode them (for example as base64).',
      },
    );
  }
  if (Buffer.byteLength(text) > MAX_STRING_BYTES) {
    throw new ExportFault(
      'EXPORT_VALUE',
      `${where} is longer than the kernel passes on (${MAX_STRING_BYTES} bytes)`,
      {hint: 'Keep it in a file, and give its path.'},
    );
  }
}

/** systemd.syntax(7) "Quoting": C escapes in double quotes. */
function quoted(text: string): string {
  const escape = (letter: string) =>
    C_ESCAPES[letter] ?? `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return `"${text.replace(/[\\"\u0000-\u001f\u007f]/g, escape)}"`;
}

/** systemd.unit(5) "Specifiers": an unknown one makes systemd drop the whole assignment. */
function withoutSpecifiers(text: string): string {
  return text.replaceAll('%', '%%');
}

/** Right side of `Environment=`. */
export function environmentAssignment(name: string, value: string): string {
  checkText(`${name}=${value}`, `variable ${name}`);
  return withoutSpecifiers(quoted(`${name}=${value}`));
}

/** One argument of `ExecStart=`, where `$` is special too: systemd.service(5) "Command lines". */
export function execArgument(text: string): string {
  checkText(text, 'the command');
  return withoutSpecifiers(quoted(text)).replaceAll('$', '$$$$');
}

/** First word of `ExecStart=`: no variable is replaced in it, so `$` stays. */
export function execProgram(path: string): string {
  checkText(path, 'the program');
  return withoutSpecifiers(quoted(path));
}

/** A whole value that is taken as it stands, blanks included: `WorkingDirectory=`, `EnvironmentFile=`, `Description=`. Quotes would be part of it. */
export function plainValue(text: string, where: string): string {
  checkText(text, where);
  if (/[\u0000-\u001f\u007f]|^\s|\s$|\\$/.test(text)) {
    throw new ExportFault(
      'EXPORT_VALUE',
      `${where} cannot stand in a unit: ${JSON.stringify(text)} has a control character, a blank at an end, or ends in a backslash`,
    );
  }
  return withoutSpecifiers(text);
}

/** A line of an `EnvironmentFile=`: systemd.exec(5). No specifiers, and a newline in quotes is a newline. */
export function environmentFileLine(name: string, value: string): string {
  checkText(`${name}=${value}`, `variable ${name}`);
  return `${name}="${value.replace(/[\\"$`]/g, '\\$&')}"`;
}
