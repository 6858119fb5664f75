import {createHash} from 'node:crypto';

import {EnvFault} from './fault.ts';
import type {EnvMap} from './parse.ts';

/** One configuration out of several layers. */
export interface BoundEnv {
  readonly kind: 'bound-env';
  /** Sorted by name. */
  readonly values: EnvMap;
  /** For each name, the name of the layer that its value came from. */
  readonly origin: Readonly<Record<string, string>>;
  /** `sha256-<hex>` over the sorted pairs: equal values, equal digest, wherever they came from. */
  readonly digest: string;
}

/** An EnvLayer, or `{name: 'process', values: process.env}`. */
export interface LayerToBind {
  readonly name: string;
  readonly values: Readonly<Record<string, string | undefined>>;
}

/**
 * Lays layers over each other: later ones win. A value that is set to the empty string counts as set.
 * Throws ENV_REQUIRED_MISSING naming every required key that no layer sets.
 */
export function bindEnv(
  layers: readonly LayerToBind[],
  options: {readonly required?: readonly string[] | undefined} = {},
): BoundEnv {
  const bound = new Map<string, {readonly value: string; readonly origin: string}>();
  for (const layer of layers)
    for (const [name, value] of Object.entries(layer.values))
      if (value !== undefined) bound.set(name, {value, origin: layer.name});
  requireKeys(new Set(bound.keys()), options.required ?? [], layers);
  const sorted = [...bound].sort(([one], [other]) => (one < other ? -1 : 1));
  const pairs = sorted.map(([name, {value}]) => [name, value] as const);
  return {
    kind: 'bound-env',
    values: Object.fromEntries(pairs),
    origin: Object.fromEntries(sorted.map(([name, {origin}]) => [name, origin])),
    digest: `sha256-${createHash('sha256').update(JSON.stringify(pairs)).digest('hex')}`,
  };
}

function requireKeys(
  keys: ReadonlySet<string>,
  required: readonly string[],
  layers: readonly LayerToBind[],
): void {
  const missing = [...new Set(required)].filter((name) => !keys.has(name));
  if (missing.length === 0) return;
  const places = layers.map((layer) => layer.name).join(', ');
  throw new EnvFault('ENV_REQUIRED_MISSING', `required but not set: ${missing.join(', ')}`, {
    hint:
      places === ''
        ? `Nothing was read: name an env file that sets ${them(missing)}.`
        : `Set ${them(missing)} in one of: ${places}.`,
  });
}

function them(missing: readonly string[]): string {
  return missing.length === 1 ? 'it' : 'them';
}
