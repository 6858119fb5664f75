import type {StepOptions} from '@keelson/step';
import type {EnvMap} from './parse.ts';

/** Values and where they come from (a path, `process`, `config 3`). */
export interface EnvLayer {
  readonly kind: 'env-layer';
  readonly name: string;
  readonly values: EnvMap;
}

export async function readEnvFile(_path: string, _options: StepOptions = {}): Promise<EnvLayer> {
  throw new Error('soon');
}
