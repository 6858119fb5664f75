import {EnvFault} from './fault.ts';

const NAME = /^[A-Z_][A-Z0-9_.-]*$/;
const MAX_DEPTH = 32;

/**
 * A JSON object as node-foreman reads it: nested keys and array places joined with `_`, in capitals; null is left out.
 * Beyond that, two keys that become one name, and numbers that JavaScript would round, are ENV_SYNTAX.
 */
export function flattenJson(text: string, path: string): Record<string, string> {
  const values = new Map<string, string>();
  const problems: string[] = [];
  const add = (name: string, value: string) => {
    if (!NAME.test(name)) problems.push(`${path}: ${JSON.stringify(name)} is no name of a variable`);
    else if (values.has(name)) problems.push(`${path}: two keys become ${name}`);
    else if (value.includes('\0')) problems.push(`${path}: ${name} holds a NUL character`);
    else values.set(name, value);
  };
  const walk = (value: unknown, keys: readonly string[]) => {
    const name = keys.join('_').toUpperCase();
    if (value === null) return;
    if (keys.length > MAX_DEPTH)
      problems.push(`${path}: ${keys[0]} is nested deeper than ${MAX_DEPTH} levels`);
    else if (typeof value === 'object')
      for (const [key, inner] of Object.entries(value)) walk(inner, [...keys, key]);
    else if (value === Infinity || value === -Infinity)
      problems.push(`${path}: ${name} is larger than any number: write it as a string`);
    else if (Number.isInteger(value) && !Number.isSafeInteger(value))
      problems.push(`${path}: ${name} would be rounded: write the number as a string`);
    else add(name, `${value as string | number | boolean}`);
  };
  walk(parse(text, path), []);
  if (problems.length > 0) throw new EnvFault('ENV_SYNTAX', problems.join('\n'));
  return Object.fromEntries(values);
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EnvFault('ENV_SYNTAX', `${path}:${badLine(text)}: starts with { but is not valid JSON`);
  }
}

/**
 * The first line after which the text cannot go on to be JSON. V8 does not always say the place, and its message quotes
 * the text, which may be a secret; so it is only asked whether it was content up to the end of a part.
 */
function badLine(text: string): number {
  const lines = text.split('\n');
  let good = 0;
  let bad = lines.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isFineSoFar(lines.slice(0, middle).join('\n'))) good = middle;
    else bad = middle;
  }
  return bad;
}

function isFineSoFar(part: string): boolean {
  try {
    JSON.parse(part);
    return true;
  } catch (error) {
    const message = String(error);
    return (
      message.includes('Unexpected end of JSON') || new RegExp(`at position ${part.length}\\b`).test(message)
    );
  }
}
