import {expandLayers, placeOf, type BoundValue} from './expand.ts';
import {EnvFault} from './fault.ts';
import type {EnvMap} from './parse.ts';
import {typeProblem, type EnvType} from './value-type.ts';
import type {EnvWarning} from './warning.ts';

/** What several layers amount to. */
export interface LaidEnv {
  /** Sorted by name. */
  readonly values: EnvMap;
  /** For each name, the name of the layer that its value came from. */
  readonly origin: Readonly<Record<string, string>>;
  /** Those of the layers, and references to what nothing sets. */
  readonly warnings: readonly EnvWarning[];
}

/** An EnvLayer, or `{name: 'process', values: process.env}`. */
export interface LayerToBind {
  readonly name: string;
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly lines?: Readonly<Record<string, number>> | undefined;
  readonly templates?: EnvMap | undefined;
  readonly warnings?: readonly EnvWarning[] | undefined;
}

export interface BindOptions {
  /** Names that have to be set, or names and what their values have to be. */
  readonly required?: readonly string[] | Readonly<Record<string, EnvType>> | undefined;
  /** What references may take from outside of the layers, for example `process.env`. Default: nothing. */
  readonly outer?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * Lays layers over each other: later ones win. A value that is set to the empty string counts as set. Values that were read with
 * `expand` get the values that they refer to.
 * Throws ENV_REQUIRED_MISSING naming every required key that no layer sets, ENV_TYPE, ENV_REFERENCE.
 */
export function layEnv(layers: readonly LayerToBind[], options: BindOptions = {}): LaidEnv {
  const {values: bound, warnings} = expandLayers(layers, options.outer);
  checkRequired(bound, options.required ?? [], layers);
  const sorted = [...bound].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    values: Object.fromEntries(sorted.map(([name, {value}]) => [name, value])),
    origin: Object.fromEntries(sorted.map(([name, {layer}]) => [name, layer.name])),
    warnings: [...layers.flatMap((layer) => layer.warnings ?? []), ...warnings],
  };
}

function checkRequired(
  bound: ReadonlyMap<string, BoundValue>,
  required: NonNullable<BindOptions['required']>,
  layers: readonly LayerToBind[],
): void {
  const types = isList(required)
    ? required.map((name) => [name, 'string'] as const)
    : Object.entries(required);
  const names = [...new Set(types.map(([name]) => name))];
  const missing = names.filter((name) => !bound.has(name));
  const wrong = types.flatMap(([name, type]) => {
    const found = bound.get(name);
    const problem = found && typeProblem(type, found.value);
    return problem === undefined ? [] : `${placeOf(found!.layer, name)}: ${name} ${problem}`;
  });
  if (missing.length > 0)
    throw new EnvFault(
      'ENV_REQUIRED_MISSING',
      [`required but not set: ${missing.join(', ')}`, ...wrong].join('\n'),
      {hint: whereToSet(missing, layers)},
    );
  if (wrong.length > 0) throw new EnvFault('ENV_TYPE', wrong.join('\n'));
}

function isList(required: NonNullable<BindOptions['required']>): required is readonly string[] {
  return Array.isArray(required);
}

function whereToSet(missing: readonly string[], layers: readonly LayerToBind[]): string {
  const them = missing.length === 1 ? 'it' : 'them';
  const places = layers.map((layer) => layer.name).join(', ');
  return places === ''
    ? `Nothing was read: name an env file that sets ${them}.`
    : `Set ${them} in one of: ${places}.`;
}
