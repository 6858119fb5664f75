import {nearest} from '@keelson/cli-kit/nearest';
import {entryNeed} from './entry-need.ts';
import {ENTRY_KEYS, type EntryPoint} from './entry-point.ts';
import {LimitsFault} from './fault.ts';

/** What a file of entry points says. */
export interface EntryPoints {
  readonly entryPoints: readonly EntryPoint[];
  /** `"env": {"type": "dev"}`; any other type, and none, is production. */
  readonly debug: boolean;
}

/** A field of a file, for messages; the path of the whole file is empty. */
interface Place {
  readonly file: string;
  readonly path: string;
}

type Json = Readonly<Record<string, unknown>>;
type Kind = (typeof ENTRY_KEYS)[keyof typeof ENTRY_KEYS];

const FILE_KEYS = ['entryPoints', 'env', '$schema'];

/** What a value of each kind must be; numbers and sizes are looked at more closely by what uses them. */
const KINDS: Readonly<Record<Kind, readonly [type: string, words: string]>> = {
  size: ['string', 'a size in quotes, such as "512M"'],
  count: ['number', 'a whole number'],
  flag: ['boolean', 'true or false'],
  text: ['string', 'a text in quotes'],
};

function refuse({file, path}: Place, because: string): never {
  throw new LimitsFault('LIMITS_FILE', `${file}: ${path === '' ? 'the file' : path}${because}`, {
    hint: 'It holds {"entryPoints": {"web": {"minMemory": "64M"}}}; @keelson/resource-limits/schema.json lists the keys.',
  });
}

const below = ({file, path}: Place, key: string): Place => ({
  file,
  path: path === '' ? key : `${path}.${key}`,
});

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function checked(value: unknown, [type, words]: readonly [type: string, words: string], place: Place): void {
  if (typeof value !== type) refuse(place, ` is ${shown(value)}, not ${words}`);
}

/** An object without other keys than these. */
function objectWith(value: unknown, known: readonly string[] | undefined, place: Place): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(place, ` is ${shown(value)}, not an object`);
  for (const key of Object.keys(value)) {
    if (!known || known.includes(key)) continue;
    const near = nearest(key, known);
    const meant = near === undefined ? ` (there are ${known.join(', ')})` : `; did you mean "${near}"?`;
    refuse(place, `: there is no key "${key}"${meant}`);
  }
  return value as Json;
}

function entryPointOf(name: string, value: unknown, place: Place): EntryPoint {
  const tuning = objectWith(value, Object.keys(ENTRY_KEYS), place);
  for (const [key, given] of Object.entries(tuning))
    checked(given, KINDS[ENTRY_KEYS[key as keyof typeof ENTRY_KEYS]], below(place, key));
  return {...tuning, name};
}

function isDebug(env: unknown, place: Place): boolean {
  if (env === undefined) return false;
  const {type} = objectWith(env, ['type'], place);
  if (type !== undefined) checked(type, KINDS.text, below(place, 'type'));
  return type === 'dev';
}

/** What is wrong with the values of an entry point, in the words of its own check. */
function checkValues(entry: EntryPoint, debug: boolean, file: string): void {
  try {
    entryNeed(entry, debug);
  } catch (cause) {
    if (!(cause instanceof LimitsFault)) throw cause;
    throw new LimitsFault('LIMITS_FILE', `${file}: ${cause.message}`, {hint: cause.hint, cause});
  }
}

/**
 * The value of a file `{"entryPoints": {"web": {…}}, "env": {"type": "dev"}}`. Strict: a key that means nothing is an error.
 * `file` is for messages. Faults: LIMITS_FILE.
 */
export function parseEntryPoints(value: unknown, {file = 'entry points'} = {}): EntryPoints {
  const place = {file, path: ''};
  const all = objectWith(value, FILE_KEYS, place);
  const types = below(place, 'entryPoints');
  const entryPoints = Object.entries(objectWith(all['entryPoints'], undefined, types)).map(([name, tuning]) =>
    entryPointOf(name, tuning, below(types, name)),
  );
  const debug = isDebug(all['env'], below(place, 'env'));
  for (const entry of entryPoints) checkValues(entry, debug, file);
  return {entryPoints, debug};
}
