import {mergedSettings, type Said} from '@keelson/deployer';
import {parseEnv, redactEnv} from '@keelson/env';
import {openReleases, type ConfigFacts} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';

export interface ShownConfig extends ConfigFacts {
  readonly kind: 'config';
  readonly revision: number;
  readonly revisions: readonly number[];
  /** Redacted, unless it was asked for. */
  readonly values: Readonly<Record<string, string>>;
  /** Each setting of the deployment, with where it is said: a default, a file of the machine or the user, the app, or the deploy root. */
  readonly settings: readonly Said[];
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
  return {
    kind: 'config',
    revision: number,
    revisions: await config.numbers(),
    values: show ? values : redactEnv({values}).values,
    at,
    by,
    reader,
    origin,
    settings: await mergedSettings(releases.root, current?.dir),
  };
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
    ...settings
      .filter((one) => options.origin === true || one.from !== 'default')
      .map(
        (one) =>
          `# ${one.name}: ${JSON.stringify(one.value)}${options.origin === true ? `  (${one.from})` : ''}`,
      ),
  ];
}
