import type {SettingChange} from '@keelson/releases';
import {DeployServerFault} from './fault.ts';

type Words = readonly string[];
type Read = (text: string) => unknown;

/** What `set` knows, and where it is in keelson.json; the words are those of CID where it has them. */
const KINDS: Readonly<Record<string, (words: Words) => SettingChange[]>> = {
  // action migrate 'npx knex migrate:latest' '@default'
  action: ([name, ...steps]) => [
    {path: ['actions', need(name, 'action')], value: steps.length > 1 ? steps : steps[0]},
  ],
  // formation web=2 worker=0
  formation: (words) => asWhole(['formation'], words) ?? words.map((word) => assignment(word, ['formation'])),
  // assets public/build
  assets: (folders) => [{path: ['assets', 'folders'], value: folders.length === 0 ? undefined : folders}],
  // persistent uploads data: added to those that are there
  persistent: (folders) =>
    folders.length === 0 ? [] : [{path: ['persistent'], value: (before: unknown) => union(before, folders)}],
  // entrypoint web node server.js minMemory=128M
  entrypoint: ([name, ...words]) => {
    const path = ['entryPoints', need(name, 'entry point')];
    const first = words.findIndex((word) => isTune(word));
    const [command, tune] = first === -1 ? [words, []] : [words.slice(0, first), words.slice(first)];
    return [
      ...(command.length > 0 ? [{path: [...path, 'command'], value: command.join(' ')}] : []),
      ...tuneChanges([...path, 'tune'], tune),
    ];
  },
  // tools node=22
  tools: (words) =>
    asWhole(['tools'], words) ??
    words.map((word) => {
      const [, name = word, range = ''] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
      if (name !== 'node')
        throw bad(`${JSON.stringify(name)} is no tool that a version is chosen of`, TOOLS_HINT);
      return {path: ['tools', name], value: range === '' ? '*' : range};
    }),
  // tooltune node minMemory=128M
  tooltune: ([name, ...words]) => tuneChanges(['toolTune', need(name, 'tool')], words),
  // webcfg root=public main=web · webcfg root public · webcfg mounts '{"/api": "api"}' · webcfg mounts /api=api '/s={"serve": "public"}'
  webcfg: ([first = '', ...rest]) => {
    const whole = asWhole(['webcfg'], [first, ...rest]);
    if (whole !== undefined) return whole;
    if (first === 'mounts')
      return tuneChanges(['webcfg', 'mounts'], rest, (text) =>
        text.startsWith('{') ? objectOf(text) : text,
      );
    const words = rest.length === 1 && !first.includes('=') ? [`${first}=${rest[0]}`] : [first, ...rest];
    return words.map((word) => assignment(word, ['webcfg'], String));
  },
  // webmount /static serve=public · webmount /api api
  webmount: ([path, ...words]) => {
    const at = ['webcfg', 'mounts', need(path, 'path')];
    const [only = ''] = words;
    if (words.length === 1 && !isTune(only)) return [{path: at, value: only}];
    return tuneChanges(at, words);
  },
};

const TOOLS_HINT = 'There is node; the package manager is the lockfile’s own.';

/** Settings that are one value. */
const VALUES = 'environment keep disk bakeMs memory cpus port key user group tmpDir'.split(' ');
const HEALTH = ['path', 'timeoutMs'];

/** Groups that `reset` empties, or takes names out of, and what they are called in keelson.json. */
const GROUPS: Readonly<Record<string, Words>> = {
  action: ['actions'],
  formation: ['formation'],
  entrypoint: ['entryPoints'],
  tools: ['tools'],
  tooltune: ['toolTune'],
  webcfg: ['webcfg'],
  webmount: ['webcfg', 'mounts'],
};

/**
 * `set action NAME COMMAND…`, `set formation TYPE=N…`, `set entrypoint TYPE [COMMAND] [KEY=VALUE…]`, `set health.path PATH`, `set keep N` …
 * Fault SERVE_BAD_VALUE.
 */
export function settingChanges([kind = '', ...words]: Words): SettingChange[] {
  const special = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (special !== undefined) {
    const changes = special(words);
    if (changes.length > 0) return changes;
    throw bad(`${kind} is set to nothing`, `keelson deploy reset ${kind} takes it back.`);
  }
  const path = kind.split('.');
  const known = path.length === 1 ? VALUES : path[0] === 'health' ? HEALTH : [];
  if (!known.includes(path.at(-1)!)) throw unknown(kind);
  const [value, ...more] = words;
  if (value === undefined || more.length > 0)
    throw bad(`${kind} takes one value`, `keelson deploy set ${kind} VALUE`);
  return [{path, value: plain(value)}];
}

/** `reset` takes the same words without values; nothing names all of them. Fault SERVE_BAD_VALUE. */
export function resetChanges([kind, ...names]: Words): SettingChange[] {
  const remove = (path: Words): SettingChange => ({path, value: undefined});
  if (kind === undefined)
    return [
      ...Object.values(GROUPS).map(([key = '']) => key),
      'assets',
      'health',
      'persistent',
      ...VALUES,
    ].map((key) => remove([key]));
  const group = Object.hasOwn(GROUPS, kind) ? GROUPS[kind] : undefined;
  if (group !== undefined)
    return names.length === 0 ? [remove(group)] : names.map((name) => remove([...group, name]));
  if (kind === 'persistent' && names.length > 0)
    return [{path: ['persistent'], value: (before: unknown) => without(before, names)}];
  const [first = ''] = kind.split('.');
  if (!['assets', 'health', 'persistent', ...VALUES].includes(first)) throw unknown(kind);
  if (names.length > 0) throw bad(`${kind} has no parts`, `keelson deploy reset ${kind}`);
  return [remove(kind.split('.'))];
}

/** `KEY=VALUE`, without spaces: otherwise it is a word of a command. */
function isTune(word: string): boolean {
  return /^[A-Za-z]\w*=\S*$/.test(word) || word.startsWith('{');
}

/** `KEY=VALUE` sets, `KEY=` and `KEY` remove, one `{json}` stands for the whole. */
function tuneChanges(path: Words, words: Words, read: Read = plain): SettingChange[] {
  const whole = asWhole(path, words);
  return whole ?? words.map((word) => assignment(word.includes('=') ? word : `${word}=`, path, read));
}

/** One `{json}`; undefined: these are other words. */
function asWhole(path: Words, words: Words): SettingChange[] | undefined {
  const [first = ''] = words;
  return words.length === 1 && first.startsWith('{') ? [{path, value: objectOf(first)}] : undefined;
}

function objectOf(text: string): object {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // told below
  }
  throw bad(`${JSON.stringify(text)} is no JSON object`, `Such as '{"minMemory": "128M"}'`);
}

function assignment(word: string, path: Words, read: Read = plain): SettingChange {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
  if (name === '') throw bad(`${JSON.stringify(word)} is not NAME=VALUE`, 'NAME= removes it.');
  return {path: [...path, name], value: value === '' ? undefined : read(value)};
}

/** A number or a truth where it is one. */
function plain(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function union(before: unknown, more: Words): Words {
  return [...new Set([...((before as Words | undefined) ?? []), ...more])].toSorted();
}

function without(before: unknown, names: Words): Words | undefined {
  const left = ((before as Words | undefined) ?? []).filter((name) => !names.includes(name));
  return left.length === 0 ? undefined : left;
}

function need(name: string | undefined, kind: string): string {
  if (name !== undefined) return name;
  throw bad(`which ${kind}?`, 'keelson deploy set --help shows the words of each setting.');
}

function unknown(kind: string): DeployServerFault {
  const all = [...Object.keys(KINDS), 'env', ...VALUES, ...HEALTH.map((key) => `health.${key}`)].join(', ');
  return bad(
    `there is no setting ${JSON.stringify(kind)}`,
    `There are: ${all}. Values of the app itself: keelson deploy config set`,
  );
}

function bad(what: string, hint: string): DeployServerFault {
  return new DeployServerFault('SERVE_BAD_VALUE', what, {hint});
}
