import {ProcfileFault} from './fault.ts';
import {parseLine} from './parse-line.ts';
import type {ProcfileDocument, ProcfileLine} from './procfile-document.ts';

export interface ProcfileEdits {
  /** Name → command. A type that is there keeps its place; a new one is appended. */
  readonly set?: Readonly<Record<string, string>> | undefined;
  /** Names; one that is not there is no error. */
  readonly remove?: readonly string[] | undefined;
}

/**
 * The document with types set and removed; comments, blank lines, order, line ends and BOM stay.
 * Throws PROCFILE_SYNTAX for a name or a command that no Procfile can hold.
 */
export function editProcfile(document: ProcfileDocument, edits: ProcfileEdits): ProcfileDocument {
  const {set = {}, remove = []} = edits;
  const commands = new Map(Object.entries(set).map(([name, command]) => [name, checked(name, command)]));
  const lines = document.lines.flatMap((line) => {
    if (line.type === undefined) return line;
    const command = commands.get(line.type.name);
    commands.delete(line.type.name);
    if (command !== undefined) return {...line, text: withCommand(line.text, command)};
    return remove.includes(line.type.name) ? [] : line;
  });
  const end = lines.find((line) => line.end.endsWith('\n'))?.end ?? '\n';
  const added = [...commands].map(([name, command]) => ({text: `${name}: ${command}`, end}));
  const kept = added.length > 0 ? closed(lines, end) : lines;
  return {...document, lines: [...kept, ...added].map(numbered)};
}

function checked(name: string, command: string): string {
  const type = /\n/.test(command) ? 'is more than one line' : parseLine(`${name}: ${command}`, 0);
  if (typeof type === 'object' && type.name === name) return type.command;
  throw new ProcfileFault(
    'PROCFILE_SYNTAX',
    `${JSON.stringify(name)} cannot be set: ${typeof type === 'string' ? type : 'it is no name'}`,
    {hint: 'A name is letters, digits, - and _; a command is one line and not empty.'},
  );
}

/** Blanks between the colon and the command stay: some people align their commands. */
function withCommand(text: string, command: string): string {
  return /^[^:]*:[ \t]*/.exec(text)![0] + command;
}

/** The last line may lack its end; another one is to follow. */
function closed(lines: readonly ProcfileLine[], end: string): readonly ProcfileLine[] {
  const last = lines.at(-1);
  return last === undefined || last.end.endsWith('\n') ? lines : [...lines.slice(0, -1), {...last, end}];
}

function numbered({text, end}: ProcfileLine, index: number): ProcfileLine {
  const type = parseLine(text, index + 1);
  return typeof type === 'object' ? {text, end, type} : {text, end};
}
