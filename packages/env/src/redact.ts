import type {BoundEnv} from './bind.ts';

// What may be shown is listed, not what must not: a secret with an unexpected name stays hidden.
const HARMLESS = new Set(
  'NODE_ENV PORT HOST HOSTNAME TZ LANG LC_ALL PATH HOME USER SHELL LOG_LEVEL DEBUG NO_COLOR FORCE_COLOR CI TERM'.split(
    ' ',
  ),
);

/**
 * The same value for people's eyes: every value but those of a few well-known harmless names (NODE_ENV, PORT …) reads
 * `[redacted]`. Empty values stay empty; names, origins and the digest of the real values stay.
 */
export function redactEnv(bound: BoundEnv): BoundEnv {
  const values = Object.entries(bound.values).map(([name, value]) => [
    name,
    value === '' || HARMLESS.has(name) ? value : '[redacted]',
  ]);
  return {...bound, values: Object.fromEntries(values) as Record<string, string>};
}
