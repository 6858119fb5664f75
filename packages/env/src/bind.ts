import {createHash} from 'node:crypto';

import {layEnv, type BindOptions, type LaidEnv, type LayerToBind} from './lay-env.ts';

/** One configuration out of several layers. */
export interface BoundEnv extends LaidEnv {
  readonly kind: 'bound-env';
  /** `sha256-<hex>` over the sorted pairs: equal values, equal digest, wherever they came from. */
  readonly digest: string;
}

/** `layEnv` as a value to keep: with a digest. The same faults. */
export function bindEnv(layers: readonly LayerToBind[], options: BindOptions = {}): BoundEnv {
  const {values, origin, warnings} = layEnv(layers, options);
  // An object has names that are numbers in their own order.
  const pairs = Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    kind: 'bound-env',
    values,
    origin,
    digest: `sha256-${createHash('sha256').update(JSON.stringify(pairs)).digest('hex')}`,
    warnings,
  };
}
