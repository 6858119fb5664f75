import type {EnvMap} from './parse.ts';

export function serializeEnv(_values: EnvMap): string {
  throw new Error('soon');
}
