import {join} from 'node:path';

import {readEnvFile, type EnvLayer, type ReadEnvOptions} from './layer.ts';

export interface ReadEnvFilesOptions extends Omit<ReadEnvOptions, 'optional'> {
  /** Where the default `.env` lies. Default: the working directory. */
  readonly dir?: string | undefined;
}

/**
 * The files of a command line as layers, in their order; none named: `<dir>/.env`, which may be absent.
 * Faults: as `readEnvFile`.
 */
export async function readEnvFiles(
  files: readonly string[] | undefined,
  options: ReadEnvFilesOptions = {},
): Promise<EnvLayer[]> {
  const {dir = '', ...reading} = options;
  if (files === undefined || files.length === 0)
    return [await readEnvFile(join(dir, '.env'), {...reading, optional: true})];
  return Promise.all(files.map((file) => readEnvFile(file, reading)));
}
