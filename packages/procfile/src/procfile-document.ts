import {ProcfileFault} from './fault.ts';
import {parseLine, type ProcessType} from './parse-line.ts';

/** A line as it stands in the file, and what it defines. */
export interface ProcfileLine {
  /** Without its end. */
  readonly text: string;
  /** `\n` or `\r\n`; the last line may have none, or `\r` alone. */
  readonly end: string;
  /** Absent for a comment and for a blank line. */
  readonly type?: ProcessType;
}

/** A Procfile with everything that is no process type: comments, blank lines, line ends. */
export interface ProcfileDocument {
  readonly kind: 'procfile-document';
  /** Whether the text begins with a byte order mark. */
  readonly bom: boolean;
  readonly lines: readonly ProcfileLine[];
}

interface Problem {
  readonly code: 'PROCFILE_SYNTAX' | 'PROCFILE_DUPLICATE';
  readonly line: number;
  readonly because: string;
}

const BOM = '\uFEFF';
const MAX_NAMED = 100;

/**
 * Text of a Procfile to its lines; `serializeProcfile` gives the same text back. What is accepted, the options and the faults
 * are those of `parseProcfile`.
 */
export function parseProcfileDocument(
  text: string,
  options: {readonly path?: string | undefined} = {},
): ProcfileDocument {
  const bom = text.startsWith(BOM);
  const names = new Map<string, number>();
  const problems: Problem[] = [];
  const lines = splitLines(bom ? text.slice(1) : text).map((line, index): ProcfileLine => {
    const number = index + 1;
    const type = parseLine(line.text, number);
    if (type === undefined) return line;
    const first = typeof type === 'string' ? undefined : names.get(type.name);
    if (typeof type === 'string') problems.push({code: 'PROCFILE_SYNTAX', line: number, because: type});
    else if (first === undefined) names.set(type.name, number);
    else problems.push({code: 'PROCFILE_DUPLICATE', line: number, because: duplicate(type, first)});
    return typeof type === 'string' ? line : {...line, type};
  });
  if (problems.length > 0) throw fault(options.path ?? 'Procfile', problems);
  return {kind: 'procfile-document', bom, lines};
}

/** The text of a document. */
export function serializeProcfile({bom, lines}: ProcfileDocument): string {
  return (bom ? BOM : '') + lines.map(({text, end}) => text + end).join('');
}

function splitLines(text: string): ProcfileLine[] {
  const pieces = text.split('\n');
  const lines = pieces.map((piece, index) => {
    const feed = index === pieces.length - 1 ? '' : '\n';
    return piece.endsWith('\r') ? {text: piece.slice(0, -1), end: `\r${feed}`} : {text: piece, end: feed};
  });
  return lines.at(-1)!.text + lines.at(-1)!.end === '' ? lines.slice(0, -1) : lines;
}

function duplicate(type: ProcessType, firstLine: number): string {
  return `${type.name} is already defined in line ${firstLine}`;
}

function fault(path: string, problems: readonly Problem[]): ProcfileFault {
  const code = problems.some((one) => one.code === 'PROCFILE_SYNTAX')
    ? 'PROCFILE_SYNTAX'
    : 'PROCFILE_DUPLICATE';
  const named = problems.slice(0, MAX_NAMED).map((one) => `${path}:${one.line}: ${one.because}`);
  const more = problems.length - named.length;
  const message = more > 0 ? [...named, `${path}: and ${more} more bad lines`] : named;
  return new ProcfileFault(code, message.join('\n'), {
    hint:
      code === 'PROCFILE_SYNTAX'
        ? 'Each line is `name: command`, a comment that starts with #, or blank.'
        : 'Give each process type a name of its own; a formation such as web=2 starts several of one type.',
  });
}
