import {parseEnv, redactEnv} from '@keelson/env';
import type {Releases} from '@keelson/releases';
import type {Outcome} from './attempt.ts';
import {mergedSettings} from './merged-settings.ts';

/**
 * Writes `.keelson/merged.json` of the deploy root, 0600: what the release that serves now goes by – its settings with where each is said, its
 * configuration without the values, its instances –, for whatever stands beside the app, such as a web server.
 */
export async function writeMerged(
  releases: Releases,
  {release, formation}: Pick<Outcome, 'release' | 'formation'>,
): Promise<void> {
  const {text, path, by, reader, origin = {}} = await releases.config.read(release.config);
  const {values} = redactEnv({values: parseEnv(text, {path})});
  const env = Object.entries(values).map(([name, value]) => [
    name,
    {value, from: origin[name] ?? reader ?? `set by ${by}`},
  ]);
  const {number, dir, name, version, digest, revision, config, node} = release;
  const settings = await mergedSettings(releases.root, release.dir);
  const merged = {
    kind: 'merged',
    release: {number, dir, name, version, digest, revision, config, node},
    environment: releases.settings.environment,
    settings: Object.fromEntries(settings.map(({name: key, ...said}) => [key, said])),
    env: Object.fromEntries(env) as object,
    webcfg: releases.settings.webcfg,
    formation,
  };
  await releases.writeMerged(merged);
}
