import type {EnvMap} from './parse.ts';

// What may be shown is listed, not what must not: a secret with an unexpected name stays hidden.
const HARMLESS = new Set(
  'NODE_ENV PORT HOST HOSTNAME TZ LANG LC_ALL PATH HOME USER SHELL LOG_LEVEL DEBUG NO_COLOR FORCE_COLOR CI TERM'.split(
    ' ',
  ),
);

/**
 * The same value for people's eyes, of a BoundEnv or of anything else with `values`: every value but those of a few well-known
 * harmless names (NODE_ENV, PORT …) reads `[redacted]`. Empty values stay empty; names, origins and the digest of the real values stay.
 */
export function redactEnv<E extends {readonly values: EnvMap}>(env: E): E {
  const values = Object.entries(env.values).map(([name, value]) => [
    name,
    value === '' || HARMLESS.has(name) ? value : '[redacted]',
  ]);
  return {...env, values: Object.fromEntries(values) as Record<string, string>};
}
