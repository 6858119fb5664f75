import type {SettingChange} from '@keelson/releases';
import {DeployServerFault} from './fault.ts';

/** What `set` and `reset` know, and where it is in keelson.json. */
const KINDS: Readonly<Record<string, (words: readonly string[]) => SettingChange[]>> = {
  // action migrate 'npx knex migrate:latest' '@default'
  action: ([name, ...steps]) => [
    {path: ['actions', need(name, 'action')], value: steps.length > 1 ? steps : steps[0]},
  ],
  // formation web=2 worker=0
  formation: (words) => words.map((word) => assignment(word, ['formation'], Number)),
  // assets public/build
  assets: (folders) => [{path: ['assets', 'folders'], value: folders.length === 0 ? undefined : folders}],
};

/** Settings that are one value. */
const VALUES = ['environment', 'keep', 'disk', 'bakeMs', 'memory', 'cpus', 'port', 'key', 'user'] as const;
const HEALTH = ['path', 'timeoutMs'] as const;

/**
 * `set action NAME COMMAND…`, `set formation TYPE=N…`, `set assets FOLDER…`, `set health.path PATH`, `set keep N` … Fault SERVE_BAD_VALUE.
 */
export function settingChanges([kind = '', ...words]: readonly string[]): SettingChange[] {
  const special = KINDS[kind];
  if (special !== undefined) return special(words);
  const path = kind.split('.');
  const known = path.length === 1 ? VALUES : path[0] === 'health' ? HEALTH : [];
  if (!(known as readonly string[]).includes(path.at(-1)!)) throw unknown(kind);
  const [value, ...more] = words;
  if (more.length > 0) throw bad(`${kind} takes one value`, `keelson deploy set ${kind} VALUE`);
  return [{path, value: value === undefined ? undefined : plain(value)}];
}

/** `reset` takes the same words without values; nothing names all of them. */
export function resetChanges([kind, ...names]: readonly string[]): SettingChange[] {
  if (kind === undefined)
    return ['actions', 'formation', 'assets', 'health', ...VALUES].map((key) => ({
      path: [key],
      value: undefined,
    }));
  if (kind === 'action' || kind === 'formation') {
    const group = kind === 'action' ? 'actions' : kind;
    if (names.length === 0) return [{path: [group], value: undefined}];
    return names.map((name) => ({path: [group, name], value: undefined}));
  }
  return settingChanges([kind]);
}

function assignment(word: string, path: readonly string[], read: (text: string) => unknown): SettingChange {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(word) ?? [];
  if (name === '') throw bad(`${JSON.stringify(word)} is not NAME=VALUE`, 'NAME= removes it.');
  return {path: [...path, name], value: value === '' ? undefined : read(value)};
}

/** A number where it is one. */
function plain(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function need(name: string | undefined, kind: string): string {
  if (name !== undefined) return name;
  throw bad(`which ${kind}?`, `keelson deploy set ${kind} NAME VALUE`);
}

function unknown(kind: string): DeployServerFault {
  const all = [...Object.keys(KINDS), ...VALUES, ...HEALTH.map((key) => `health.${key}`)].join(', ');
  return bad(
    `there is no setting ${JSON.stringify(kind)}`,
    `There are: ${all}. Values of the app itself: keelson deploy config set`,
  );
}

function bad(what: string, hint: string): DeployServerFault {
  return new DeployServerFault('SERVE_BAD_VALUE', what, {hint});
}
