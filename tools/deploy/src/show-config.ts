import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {parseEnv, redactEnv} from '@keelson/env';
import {openReleases, readProjectRules, type ConfigFacts} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';

export interface ShownConfig extends ConfigFacts {
  readonly kind: 'config';
  readonly revision: number;
  readonly revisions: readonly number[];
  /** Redacted, unless it was asked for. */
  readonly values: Readonly<Record<string, string>>;
  /** Each setting of the deployment, with where it is said: the app's keelson.deploy.json, or keelson.json of the deploy root. */
  readonly settings: readonly {readonly name: string; readonly value: unknown; readonly from: string}[];
}

/** Faults: RELEASE_MISSING, RELEASE_SETTINGS. */
export async function showConfig(
  root: string,
  {
    revision,
    show = false,
    signal,
  }: StepOptions & {readonly revision?: number | undefined; readonly show?: boolean | undefined},
): Promise<ShownConfig> {
  await using releases = await openReleases(root, {signal, reason: 'a look at the configuration'});
  const {config} = releases;
  const {text, path, number, at, by, reader, origin} =
    revision === undefined ? await config.current() : await config.read(revision);
  const values = {...parseEnv(text, {path})};
  const current = await releases.current();
  const project =
    current === undefined ? {} : await readProjectRules(join(current.dir, 'keelson.deploy.json'));
  return {
    kind: 'config',
    revision: number,
    revisions: await config.numbers(),
    values: show ? values : redactEnv({values}).values,
    at,
    by,
    reader,
    origin,
    settings: merged(project, await ownSettings(releases.root)),
  };
}

async function ownSettings(root: string): Promise<object> {
  return readFile(join(root, 'keelson.json'), 'utf8').then(
    (text) => JSON.parse(text) as object,
    () => ({}),
  );
}

/** `actions.migrate` and the like: the deployment's wins over the app's. */
function merged(project: object, deployment: object): ShownConfig['settings'] {
  const app = flat(project).map(([name, value]) => ({name, value, from: 'keelson.deploy.json of the app'}));
  const own = flat(deployment).map(([name, value]) => ({
    name,
    value,
    from: 'keelson.json of the deploy root',
  }));
  const names = new Set(own.map(({name}) => name));
  return [...app.filter(({name}) => !names.has(name)), ...own].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function flat(settings: object, before = ''): [string, unknown][] {
  return Object.entries(settings).flatMap(([key, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flat(value as object, `${before}${key}.`)
      : [[`${before}${key}`, value]],
  );
}

/** For a terminal. */
export function configLines(
  {revision, revisions, values, at, by, reader, origin = {}, settings}: ShownConfig,
  options: {readonly origin?: boolean | undefined},
): string[] {
  const from = (name: string) =>
    options.origin === true ? `  # ${origin[name] ?? reader ?? `set by ${by}`}` : '';
  return [
    `# revision ${revision} of ${revisions.length === 0 ? 'none' : revisions.join(', ')}${at === undefined ? '' : `, ${at} by ${by}`}`,
    ...Object.entries(values).map(([name, value]) => `${name}=${value}${from(name)}`),
    ...settings.map(
      (one) =>
        `# ${one.name}: ${JSON.stringify(one.value)}${options.origin === true ? `  (${one.from})` : ''}`,
    ),
  ];
}
