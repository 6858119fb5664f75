import type {EnvLayer} from './layer.ts';
import type {EnvMap} from './parse.ts';

export interface BoundEnv {
  readonly kind: 'bound-env';
  readonly values: EnvMap;
  /** The name of the layer that each value came from. */
  readonly origin: Readonly<Record<string, string>>;
  /** `sha256-<hex>` over the sorted pairs. */
  readonly digest: string;
}

export function bindEnv(
  _layers: readonly Pick<EnvLayer, 'name' | 'values'>[],
  _options: {readonly required?: readonly string[] | undefined} = {},
): BoundEnv {
  throw new Error('soon');
}

/** The same value with every secret-looking value replaced. */
export function redactEnv(_bound: BoundEnv): BoundEnv {
  throw new Error('soon');
}
