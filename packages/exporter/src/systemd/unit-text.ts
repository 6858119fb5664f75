import {ExportFault} from '../fault.ts';

/** One `Key=value` of a unit file, the value as it stands there. */
export interface Directive {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

function unreadable(path: string, line: string): never {
  throw new ExportFault(
    'EXPORT_MISMATCH',
    `${path}: systemd would not read this line: ${JSON.stringify(line)}`,
  );
}

/** Directives of a unit file as systemd reads it (systemd.syntax(7)): comments, continued lines, sections. */
export function parseUnitText(path: string, text: string): Directive[] {
  const directives: Directive[] = [];
  let section: string | undefined;
  let continued = '';
  // read_line() of systemd ends a line at any of these.
  for (const raw of text.split(/\r\n|[\n\r\0]/)) {
    const stripped = raw.replace(/^[ \t]+/, '');
    if (/^[#;]/.test(stripped)) continue;
    const backslashes = /\\*$/.exec(raw)![0].length;
    if (backslashes % 2 === 1) {
      continued += `${raw.slice(0, -1)} `;
      continue;
    }
    const line = (continued + raw).trim();
    continued = '';
    if (line === '') continue;
    const heading = /^\[([^\][]+)\]$/.exec(line);
    if (heading) {
      section = heading[1]!;
      continue;
    }
    const assignment = /^([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*([^]*)$/.exec(line);
    if (!assignment || section === undefined) return unreadable(path, line);
    directives.push({section, key: assignment[1]!, value: assignment[2]!});
  }
  if (continued !== '') unreadable(path, continued);
  return directives;
}
