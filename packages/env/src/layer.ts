import type {StepOptions} from '@keelson/step';

import {EnvFault} from './fault.ts';
import {parseEnvLayer, type EnvMap, type ParseEnvOptions} from './parse.ts';
import {readText} from './read-text.ts';
import type {EnvWarning} from './warning.ts';

/** Values and where they come from. */
export interface EnvLayer {
  readonly kind: 'env-layer';
  /** A path, `process`, `config 3` … */
  readonly name: string;
  readonly values: EnvMap;
  /** For each name, the line that sets it, counted from 1; nothing for JSON. */
  readonly lines: Readonly<Record<string, number>>;
  /** Values that refer to others, when they were read with `expand`; `bindEnv` reads them. */
  readonly templates?: EnvMap;
  readonly warnings: readonly EnvWarning[];
}

export interface ReadEnvOptions extends StepOptions, Omit<ParseEnvOptions, 'path'> {
  /** A file that is not there gives a layer without values. Default false. */
  readonly optional?: boolean | undefined;
}

/**
 * Reads a `.env` or JSON file of at most 1 MiB as a layer named by its path.
 * Faults: ENV_MISSING_FILE (also for one that cannot be read), ENV_SYNTAX.
 */
export async function readEnvFile(path: string, options: ReadEnvOptions = {}): Promise<EnvLayer> {
  const {expand, lenient, optional, signal} = options;
  const text = await readText(path, {signal});
  if (text !== undefined) return parseEnvLayer(text, {path, lenient, expand});
  if (optional) return {kind: 'env-layer', name: path, values: {}, lines: {}, warnings: []};
  throw new EnvFault('ENV_MISSING_FILE', `${path || "''"} does not exist`);
}
