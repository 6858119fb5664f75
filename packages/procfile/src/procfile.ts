import {ProcfileFault} from './fault.ts';
import type {ProcessType} from './parse-line.ts';
import {parseProcfileDocument} from './procfile-document.ts';

export interface Procfile {
  readonly kind: 'procfile';
  /** In the order of the file. A type's place decides its ports. May be empty: see `requireTypes`. */
  readonly types: readonly ProcessType[];
}

/**
 * Text of a Procfile to process types. Blank lines and comments (also indented ones) are skipped; a BOM and CRLF are taken.
 * `options.path` is how messages call the file, default `Procfile`. A text without types gives an empty list.
 * Throws PROCFILE_SYNTAX or PROCFILE_DUPLICATE naming every bad line at once.
 */
export function parseProcfile(text: string, options: {readonly path?: string | undefined} = {}): Procfile {
  const {lines} = parseProcfileDocument(text, options);
  return {kind: 'procfile', types: lines.flatMap(({type}) => type ?? [])};
}

/** The same Procfile, or PROCFILE_EMPTY when it defines no process. */
export function requireTypes(procfile: Procfile, path = 'Procfile'): Procfile {
  if (procfile.types.length > 0) return procfile;
  throw new ProcfileFault('PROCFILE_EMPTY', `${path}: no processes defined`, {
    hint: 'Add a line such as `web: node server.js`.',
  });
}
