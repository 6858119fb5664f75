import {readFile, stat} from 'node:fs/promises';
import {join, resolve} from 'node:path';

import {isFault, type StepOptions} from '@keelson/step';

import {ProcfileFault} from './fault.ts';
import {parseProcfile, requireTypes, type Procfile} from './procfile.ts';

export interface ReadProcfileOptions extends StepOptions {
  /** A path from `dir`. Default `Procfile`; one that is named must exist: no fallback then. */
  readonly file?: string | undefined;
}

const MAX_BYTES = 1024 * 1024;

/**
 * Reads `<dir>/Procfile`. Where there is none, a package.json with `scripts.start` stands for `web: npm start` (as in
 * heroku); a Procfile that is there but wrong is never passed over. At least one type is guaranteed.
 * Faults: PROCFILE_MISSING, PROCFILE_EMPTY, PROCFILE_SYNTAX, PROCFILE_DUPLICATE.
 */
export async function readProcfile(dir: string, options: ReadProcfileOptions = {}): Promise<Procfile> {
  options.signal?.throwIfAborted();
  const path = options.file ?? 'Procfile';
  const text = await readText(resolve(dir, path), path);
  options.signal?.throwIfAborted();
  if (text !== undefined) return requireTypes(parseProcfile(text, {path}), path);
  if (options.file === undefined && (await hasStartScript(dir)))
    return {kind: 'procfile', types: [{name: 'web', command: 'npm start', line: 0}]};
  throw new ProcfileFault('PROCFILE_MISSING', `${path} does not exist.`, {
    hint:
      options.file === undefined
        ? `Looked in ${resolve(dir)}: write a Procfile (\`web: node server.js\`) or give package.json a start script.`
        : undefined,
  });
}

/** undefined: no such file. */
async function readText(file: string, path: string): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    const {size} = await stat(file);
    if (size > MAX_BYTES)
      throw new ProcfileFault('PROCFILE_SYNTAX', `${path} is larger than ${MAX_BYTES} bytes.`);
    bytes = await readFile(file);
  } catch (error) {
    if (isFault(error)) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const because = code === 'EISDIR' ? 'is a directory' : `cannot be read (${code})`;
    throw new ProcfileFault('PROCFILE_MISSING', `${path} ${because}.`, {cause: error});
  }
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch (error) {
    throw new ProcfileFault('PROCFILE_SYNTAX', `${path} is not UTF-8 text.`, {
      cause: error,
      hint: 'Save it as UTF-8 (some editors on Windows write UTF-16).',
    });
  }
}

async function hasStartScript(dir: string): Promise<boolean> {
  const text = await readFile(join(dir, 'package.json'), 'utf8').catch(() => '{}');
  try {
    const manifest = JSON.parse(text.replace(/^\uFEFF/, '')) as {scripts?: {start?: unknown}} | null;
    return typeof manifest?.scripts?.start === 'string' && manifest.scripts.start !== '';
  } catch {
    return false;
  }
}
