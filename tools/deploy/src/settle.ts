import {parseEnv, serializeEnv} from '@keelson/env';
import {changeSettings, openReleases} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';
import {appRoot} from './app-releases.ts';
import {DeployServerFault} from './fault.ts';
import {readableByApps} from './readable-by-apps.ts';
import {resetChanges, settingChanges} from './setting-words.ts';

export type Settled =
  | {readonly kind: 'settings'; readonly settings: object}
  /** `env`: values of the app. */
  | {readonly kind: 'config-changed'; readonly revision: number; readonly line: string};

interface Place extends StepOptions {
  readonly root: string;
  readonly app?: string | undefined;
}

/** `set` and `reset`: changes keelson.json of a deploy root, or with `env` its configuration; nothing is rolled. Faults: SERVE_BAD_VALUE, RELEASE_*. */
export async function settle(
  verb: 'set' | 'reset',
  words: readonly string[],
  {root, app, signal}: Place,
): Promise<Settled> {
  const [kind, ...rest] = words;
  const dir = appRoot(root, app);
  readableByApps();
  if (kind === 'env') return settleEnv(dir, verb === 'set' ? setsOf(rest) : rest, {signal});
  const changes = verb === 'set' ? settingChanges(words) : resetChanges(words);
  return {kind: 'settings', settings: await changeSettings(dir, changes, {signal})};
}

/** Pairs set, names remove; none removes all. */
type EnvChanges = readonly (string | readonly [string, string])[];

function setsOf(words: readonly string[]): EnvChanges {
  if (words.length === 0)
    throw new DeployServerFault('SERVE_BAD_VALUE', 'env takes KEY=VALUE', {
      hint: 'KEY= removes it. keelson deploy config set reads values from stdin, too.',
    });
  return words.map((word) => {
    const [, name, value = ''] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (name === undefined)
      throw new DeployServerFault('SERVE_BAD_VALUE', `${JSON.stringify(word.split('=')[0])} is no KEY=VALUE`);
    return value === '' ? name : [name, value];
  });
}

async function settleEnv(root: string, changes: EnvChanges, {signal}: StepOptions): Promise<Settled> {
  await using releases = await openReleases(root, {signal, reason: 'a change of the configuration'});
  const before = await releases.config.current();
  const values: Record<string, string> = changes.length === 0 ? {} : {...parseEnv(before.text, before)};
  for (const change of changes) {
    if (typeof change === 'string') delete values[change];
    else values[change[0]] = change[1];
  }
  const {number: revision} = await releases.config.add(serializeEnv(values));
  return {kind: 'config-changed', revision, line: `config revision ${revision}; the next deploy binds it`};
}
