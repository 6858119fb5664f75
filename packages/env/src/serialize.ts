import {EnvFault} from './fault.ts';
import type {EnvMap} from './parse.ts';

const NAME = /^[A-Za-z_][\w.-]*$/;
const BARE = /^[\w@%+:,./=~^-]*$/;
const LETTERS: Readonly<Record<string, string>> = {'\n': 'n', '\r': 'r'};

/**
 * Text of a `.env` file, one line for each value in the order given; `parseEnv` gives the same values back. The form is one
 * that dotenv reads alike, save for values that need `\\` or `\"`: there only `parseEnv` reads the exact value.
 * Throws ENV_SYNTAX for a name that no `.env` file can hold, and for a value with a NUL character.
 */
export function serializeEnv(values: EnvMap): string {
  return Object.entries(values)
    .map(([name, value]) => {
      if (!NAME.test(name))
        throw new EnvFault('ENV_SYNTAX', `${JSON.stringify(name)} is no name of a variable`);
      if (value.includes('\0')) throw new EnvFault('ENV_SYNTAX', `${name} holds a NUL character`);
      return `${name}=${quoted(value)}\n`;
    })
    .join('');
}

function quoted(value: string): string {
  if (BARE.test(value)) return value;
  // dotenv takes a quote after a backslash for an escaped one.
  const raw = !/[\n\r]|\\$/.test(value);
  if (raw && !value.includes("'")) return `'${value}'`;
  if (raw && !value.includes('`') && /["$\\]/.test(value)) return `\`${value}\``;
  return `"${value.replace(/["\\\n\r]/g, (character) => `\\${LETTERS[character] ?? character}`)}"`;
}
