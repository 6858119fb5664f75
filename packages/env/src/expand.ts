import {EnvFault} from './fault.ts';
import type {LayerToBind} from './lay-env.ts';
import {parseTemplate, type Part} from './template.ts';
import type {EnvWarning} from './warning.ts';

/** The value that counts for a name. */
export interface BoundValue {
  readonly value: string;
  /** The layer that it came from. */
  readonly layer: LayerToBind;
}

const MAX_CHAIN = 500;
const MAX_LENGTH = 1024 * 1024;

interface Expansion {
  readonly layers: readonly LayerToBind[];
  /** Values that may be referred to where no layer sets a name. */
  readonly outer: Readonly<Record<string, string | undefined>>;
  /** What was expanded, or why it cannot be. */
  readonly known: Map<string, string | BadReference>;
  /** What is being expanded right now: key → `PATH:LINE: NAME`. */
  readonly chain: Map<string, string>;
  readonly warnings: EnvWarning[];
}

/**
 * The value of each name, the last layer that sets it winning, with references replaced. A reference means the value that counts in
 * the end, wherever it is set; a name that refers to itself means the layers below its own (`PATH=bin:$PATH`). A name that nothing
 * sets is empty, with a warning. Throws ENV_REFERENCE for circles and for what is no reference, naming all files and lines.
 */
export function expandLayers(
  layers: readonly LayerToBind[],
  outer: Readonly<Record<string, string | undefined>> = {},
): {readonly values: Map<string, BoundValue>; readonly warnings: readonly EnvWarning[]} {
  const expansion: Expansion = {layers, outer, known: new Map(), chain: new Map(), warnings: []};
  const values = new Map<string, BoundValue>();
  const problems = new Set<string>();
  for (const name of new Set(layers.flatMap(({values: own}) => Object.keys(own)))) {
    const at = topLayer(layers, name, layers.length);
    if (at === undefined) continue;
    try {
      values.set(name, {value: valueIn(at, name, expansion), layer: layers[at]!});
    } catch (error) {
      if (!(error instanceof BadReference)) throw error;
      problems.add(error.message);
      for (const key of expansion.chain.keys()) expansion.known.set(key, error);
      expansion.chain.clear();
    }
  }
  if (problems.size > 0)
    throw new EnvFault('ENV_REFERENCE', [...problems].join('\n'), {
      hint: 'References are $NAME, ${NAME} and ${NAME:-default}; in single quotes, or written \\$, a $ is only a $.',
    });
  return {values, warnings: expansion.warnings};
}

class BadReference extends Error {}

/** Index of the last layer below `limit` that sets the name. */
function topLayer(layers: readonly LayerToBind[], name: string, limit: number): number | undefined {
  for (let index = limit - 1; index >= 0; index--)
    if (own(layers[index]!.values, name) !== undefined) return index;
  return undefined;
}

function valueIn(at: number, name: string, expansion: Expansion): string {
  const layer = expansion.layers[at]!;
  const template = own(layer.templates ?? {}, name);
  if (template === undefined) return layer.values[name]!;
  const key = `${at}:${name}`;
  const known = expansion.known.get(key);
  if (known instanceof BadReference) throw known;
  if (known !== undefined) return known;
  const place = `${placeOf(layer, name)}: ${name}`;
  const {chain} = expansion;
  if (chain.has(key)) throw circle(chain, place);
  if (chain.size >= MAX_CHAIN)
    throw new BadReference(
      `${[...chain.values()][0]!} refers to others through more than ${MAX_CHAIN} names`,
    );
  const parts = parseTemplate(template);
  if (typeof parts === 'string') throw new BadReference(`${place}: ${parts}`);
  chain.set(key, place);
  const value = join(parts, {at, name, expansion});
  chain.delete(key);
  expansion.known.set(key, value);
  return value;
}

interface Site {
  readonly at: number;
  readonly name: string;
  readonly expansion: Expansion;
}

function join(parts: readonly Part[], site: Site): string {
  let value = '';
  for (const part of parts) {
    value += typeof part === 'string' ? part : referred(part, site);
    if (value.length > MAX_LENGTH)
      throw new BadReference(
        `${[...site.expansion.chain.values()].at(-1)!} becomes longer than ${MAX_LENGTH} characters`,
      );
  }
  return value;
}

function referred({name, fallback}: Exclude<Part, string>, site: Site): string {
  const {expansion, at} = site;
  const itself = name === site.name;
  const found = topLayer(expansion.layers, name, itself ? at : expansion.layers.length);
  const value = found === undefined ? own(expansion.outer, name) : valueIn(found, name, expansion);
  if (value !== undefined && (value !== '' || fallback === undefined)) return value;
  if (fallback !== undefined) return join(fallback, site);
  const layer = expansion.layers[at]!;
  if (itself)
    throw new BadReference(`${placeOf(layer, name)}: ${name} refers to itself, and nothing before sets it`);
  // Without its name: in a password with a $ it would be a part of the secret.
  const message = `a reference in the value of ${site.name} is set nowhere: it is empty`;
  expansion.warnings.push({kind: 'unset', path: layer.name, line: lineOf(layer, site.name), message});
  return '';
}

/** Told from the same place on, whichever name it was entered by. */
function circle(chain: ReadonlyMap<string, string>, place: string): BadReference {
  const places = [...chain.values()];
  const round = places.slice(places.indexOf(place));
  if (round.length === 1) return new BadReference(`${place} refers to itself`);
  const start = round.indexOf(round.toSorted()[0]!);
  const told = [...round.slice(start), ...round.slice(0, start), round[start]!].join(' → ');
  return new BadReference(`${told}: the values refer to each other in a circle`);
}

/** Where a layer sets a name, for people. */
export function placeOf(layer: LayerToBind, name: string): string {
  const line = lineOf(layer, name);
  return line === 0 ? layer.name : `${layer.name}:${line}`;
}

function lineOf(layer: LayerToBind, name: string): number {
  return own(layer.lines ?? {}, name) ?? 0;
}

function own<T>(values: Readonly<Record<string, T | undefined>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
