import type {StepOptions} from '@keelson/step';

import {readEnvFile, type EnvLayer} from './layer.ts';

/**
 * The files of a command line as layers, in their order; none named: `./.env`, which may be absent.
 * Faults: as `readEnvFile`.
 */
export async function readEnvFiles(
  files: readonly string[] | undefined,
  options: StepOptions = {},
): Promise<EnvLayer[]> {
  if (files === undefined || files.length === 0)
    return [await readEnvFile('.env', {...options, optional: true})];
  return Promise.all(files.map((file) => readEnvFile(file, options)));
}
