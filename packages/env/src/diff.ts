import type {EnvMap} from './parse.ts';

/** Which names differ between two configurations; never a value. */
export interface EnvDifference {
  readonly kind: 'env-difference';
  /** Each sorted. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export function diffEnv(before: EnvMap, after: EnvMap): EnvDifference {
  const has = (values: EnvMap) => (name: string) => Object.hasOwn(values, name);
  const old = Object.keys(before).toSorted();
  return {
    kind: 'env-difference',
    added: Object.keys(after)
      .toSorted()
      .filter((name) => !has(before)(name)),
    removed: old.filter((name) => !has(after)(name)),
    changed: old.filter((name) => has(after)(name) && before[name] !== after[name]),
  };
}
