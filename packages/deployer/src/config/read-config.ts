import {parseEnvLayer, readEnvFile, type EnvLayer} from '@keelson/env';
import {isFault, type StepOptions} from '@keelson/step';
import {DeployFault} from '../fault.ts';
import {fromGit} from './from-git.ts';
import {fromHttp} from './from-http.ts';

export interface ReadConfigOptions extends StepOptions {
  /** For http(s) and git over http(s), when the URL brings none: `Authorization: Bearer`, or the password. */
  readonly token?: string | undefined;
}

/** Values, and where they were read from. */
export interface ReadConfig {
  readonly kind: 'read-config';
  /** Without credentials. */
  readonly reader: string;
  readonly layer: EnvLayer;
  /** Commit that a git URL's ref led to. */
  readonly revision?: string | undefined;
}

export interface Fetched {
  readonly text: string;
  readonly reader: string;
  readonly revision?: string | undefined;
}

/**
 * Reads configuration (a `.env` or JSON text of at most 1 MiB) from a file, an http(s) URL, or `git+URL#REF:PATH`.
 * Faults: DEPLOY_CONFIG (temporary when it could not be reached), ENV_*.
 */
export async function readConfig(input: string, options: ReadConfigOptions = {}): Promise<ReadConfig> {
  const {signal} = options;
  signal?.throwIfAborted();
  if (!/^(git\+|https?:\/\/)/.test(input))
    return {kind: 'read-config', reader: input, layer: await readEnvFile(input, {signal})};
  const {text, reader, revision} = await (input.startsWith('git+')
    ? fromGit(input, options)
    : fromHttp(input, options));
  try {
    return {kind: 'read-config', reader, layer: parseEnvLayer(text, {path: reader}), revision};
  } catch (cause) {
    if (!isFault(cause)) throw cause;
    throw new DeployFault('DEPLOY_CONFIG', cause.message, {cause, hint: `It has to be a .env or JSON text.`});
  }
}
