import {resolve} from 'node:path';

import type {StepOptions} from '@keelson/step';

import {ProcfileFault} from './fault.ts';
import {packageJson} from './package-json.ts';
import {parseProcfile, requireTypes, type Procfile} from './procfile.ts';
import {readText} from './read-text.ts';

export interface ReadProcfileOptions extends StepOptions {
  /** A path from `dir`. Default `Procfile`; one that is named must exist: no fallback then. */
  readonly file?: string | undefined;
  /** A file that holds comments and nothing else gives no types. Default false: PROCFILE_EMPTY, as for a file without any content. */
  readonly mayBeCommentedOut?: boolean | undefined;
}

/**
 * Reads `<dir>/Procfile`. Where there is none, a package.json with `scripts.start` stands for `web: npm start` (as in
 * heroku); a Procfile that is there but wrong is never passed over. At least one type is guaranteed, unless `mayBeCommentedOut`.
 * Faults: PROCFILE_MISSING, PROCFILE_EMPTY, PROCFILE_SYNTAX, PROCFILE_DUPLICATE.
 */
export async function readProcfile(dir: string, options: ReadProcfileOptions = {}): Promise<Procfile> {
  const {file, mayBeCommentedOut = false, signal} = options;
  const path = file ?? 'Procfile';
  const text = await readText(resolve(dir, path), path, {signal});
  if (text !== undefined) {
    const procfile = parseProcfile(text, {path});
    return mayBeCommentedOut && text.includes('#') ? procfile : requireTypes(procfile, path);
  }
  if (file === undefined && (await hasStartScript(dir)))
    return {kind: 'procfile', types: [{name: 'web', command: 'npm start', line: 0}]};
  throw new ProcfileFault('PROCFILE_MISSING', `${path} does not exist.`, {
    hint:
      file === undefined
        ? `Looked in ${resolve(dir)}: write a Procfile (\`web: node server.js\`) or give package.json a start script.`
        : undefined,
  });
}

async function hasStartScript(dir: string): Promise<boolean> {
  const start = (await packageJson(dir)).scripts?.start;
  return typeof start === 'string' && start !== '';
}
