import {readFile, stat} from 'node:fs/promises';

import {isFault, type StepOptions} from '@keelson/step';

import {EnvFault} from './fault.ts';
import {parseEnv, type EnvMap} from './parse.ts';

/** Values and where they come from. */
export interface EnvLayer {
  readonly kind: 'env-layer';
  /** A path, `process`, `config 3` … */
  readonly name: string;
  readonly values: EnvMap;
}

export interface ReadEnvOptions extends StepOptions {
  /** A file that is not there gives a layer without values. Default false. */
  readonly optional?: boolean | undefined;
}

const MAX_BYTES = 1024 * 1024;

/**
 * Reads a `.env` or JSON file of at most 1 MiB as a layer named by its path.
 * Faults: ENV_MISSING_FILE (also for one that cannot be read), ENV_SYNTAX.
 */
export async function readEnvFile(path: string, options: ReadEnvOptions = {}): Promise<EnvLayer> {
  options.signal?.throwIfAborted();
  const text = await readText(path);
  options.signal?.throwIfAborted();
  if (text !== undefined) return {kind: 'env-layer', name: path, values: parseEnv(text, {path})};
  if (options.optional) return {kind: 'env-layer', name: path, values: {}};
  throw new EnvFault('ENV_MISSING_FILE', `${path} does not exist`);
}

/** undefined: no such file. */
async function readText(path: string): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    const {size} = await stat(path);
    if (size > MAX_BYTES) throw new EnvFault('ENV_SYNTAX', `${path} is larger than ${MAX_BYTES} bytes`);
    bytes = await readFile(path);
  } catch (error) {
    if (isFault(error)) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const because = code === 'EISDIR' ? 'is a directory' : `cannot be read (${code})`;
    throw new EnvFault('ENV_MISSING_FILE', `${path} ${because}`, {cause: error});
  }
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch (error) {
    throw new EnvFault('ENV_SYNTAX', `${path} is not UTF-8 text`, {
      cause: error,
      hint: 'Save it as UTF-8 (some editors on Windows write UTF-16).',
    });
  }
}
