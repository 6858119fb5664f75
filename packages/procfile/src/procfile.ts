import {ProcfileFault} from './fault.ts';

/** One line of a Procfile. */
export interface ProcessType {
  readonly name: string;
  /** A line for `/bin/sh -c`: verbatim but for the blanks around it. */
  readonly command: string;
  /** Counted from 1; 0 when it does not come from a Procfile. */
  readonly line: number;
}

export interface Procfile {
  readonly kind: 'procfile';
  /** In the order of the file. A type's place decides its ports. May be empty: see `requireTypes`. */
  readonly types: readonly ProcessType[];
}

interface Problem {
  readonly code: 'PROCFILE_SYNTAX' | 'PROCFILE_DUPLICATE';
  readonly line: number;
  readonly because: string;
}

// The name class and `:\s*(.+)$` are those of heroku, foreman and honcho; hivemind alone wants a blank after the colon.
const LINE = /^([A-Za-z0-9_-]+):[ \t]*(.*)$/s;
// A blank that the shell is told to keep (`\ `) stays.
const TRAILING_BLANKS = /(?<!\\)[ \t]+$/;
const MAX_QUOTED = 60;

/**
 * Text of a Procfile to process types. Blank lines and comments (also indented ones) are skipped; a BOM and CRLF are taken.
 * `options.path` is how messages call the file, default `Procfile`. A text without types gives an empty list.
 * Throws PROCFILE_SYNTAX or PROCFILE_DUPLICATE naming every bad line at once.
 */
export function parseProcfile(text: string, options: {readonly path?: string | undefined} = {}): Procfile {
  const path = options.path ?? 'Procfile';
  const types: ProcessType[] = [];
  const problems: Problem[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n|\r$/);
  for (const [index, content] of lines.entries()) {
    if (/^\s*(#|$)/.test(content)) continue;
    const line = index + 1;
    const type = parseLine(content, line);
    if (typeof type === 'string') {
      problems.push({code: 'PROCFILE_SYNTAX', line, because: type});
      continue;
    }
    const first = types.find((one) => one.name === type.name);
    if (first === undefined) types.push(type);
    else problems.push({code: 'PROCFILE_DUPLICATE', line, because: duplicate(type, first)});
  }
  if (problems.length > 0) throw fault(path, problems);
  return {kind: 'procfile', types};
}

/** The same Procfile, or PROCFILE_EMPTY when it defines no process. */
export function requireTypes(procfile: Procfile, path = 'Procfile'): Procfile {
  if (procfile.types.length > 0) return procfile;
  throw new ProcfileFault('PROCFILE_EMPTY', `${path}: no processes defined`, {
    hint: 'Add a line such as `web: node server.js`.',
  });
}

/** A process type, or why the line is none. */
function parseLine(content: string, line: number): ProcessType | string {
  if (/[\0\r]/.test(content)) return `holds a control character: ${quote(content)}`;
  const match = LINE.exec(content);
  if (match === null) return explain(content);
  const command = match[2]!.replace(TRAILING_BLANKS, '');
  return command === '' ? `${match[1]} has no command` : {name: match[1]!, command, line};
}

function explain(content: string): string {
  if (/^[ \t]+[A-Za-z0-9_-]+:/.test(content)) return `blanks before the name: ${quote(content)}`;
  const name = /^\s*([^:]*):/.exec(content)?.[1];
  return name === undefined || name.trim() === ''
    ? `not \`name: command\`: ${quote(content)}`
    : `${quote(name)} is no name (letters, digits, - and _): ${quote(content)}`;
}

function duplicate(type: ProcessType, first: ProcessType): string {
  return `${type.name} is already defined in line ${first.line}`;
}

function fault(path: string, problems: readonly Problem[]): ProcfileFault {
  const code = problems.some((one) => one.code === 'PROCFILE_SYNTAX')
    ? 'PROCFILE_SYNTAX'
    : 'PROCFILE_DUPLICATE';
  return new ProcfileFault(code, problems.map((one) => `${path}:${one.line}: ${one.because}`).join('\n'), {
    hint:
      code === 'PROCFILE_SYNTAX'
        ? 'Each line is `name: command`, a comment that starts with #, or blank.'
        : 'Give each process type a name of its own; `--formation web=2` starts several of one type.',
  });
}

/** JSON quoting shows blanks and control characters that an editor hides. */
function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}
