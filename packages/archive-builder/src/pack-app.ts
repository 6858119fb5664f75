import {join} from 'node:path';
import {whyExcluded, writeArchive, type Archive, type ManifestFacts} from '@keelson/archive';
import type {Checkout} from '@keelson/source';
import type {BuildOptions} from './build-options.ts';
import {builderVersion} from './builder-version.ts';
import {excludedPaths} from './excluded-paths.ts';
import {findAddons} from './find-addons.ts';
import {requireIncluded} from './included.ts';
import {ignoredSettings} from './ignored-settings.ts';
import type {OpenedApp} from './open-app.ts';
import {reachable} from './reachable.ts';
import {refuseForeignAddons} from './refuse-foreign-addons.ts';
import type {Exclude} from './wanted-files.ts';
import {processTypes} from './process-types.ts';
import {refuseSecrets} from './refuse-secrets.ts';
import {stripAddons} from './strip-addons.ts';
import {writeBill} from './write-bill.ts';

export interface PackRequest {
  readonly checkout: Checkout;
  /** The folder to pack. */
  readonly dir: string;
  readonly to: string;
  /** What was asked of dependencies, where they were installed. */
  readonly dependencies?: ManifestFacts['dependencies'];
}

/**
 * Packs what was built, without secrets and with what is known of it.
 * Faults: BUILD_SECRET, BUILD_NOTHING_INCLUDED, those of readProcfile and writeArchive.
 */
export async function packApp(
  app: OpenedApp,
  {checkout, dir, to, dependencies}: PackRequest,
  options: BuildOptions,
): Promise<Archive> {
  const {signal, onEvent, modifiedAt, cache, contents = {}} = options;
  const {include = []} = contents;
  const {name, version, node: range, app: config} = app.manifest;
  await requireIncluded(dir, include);
  const traced = contents.trace === true ? await reachable(app, dir, {signal}) : undefined;
  const rules = await excludedPaths(dir, {checkout, name, to: app.to, include, reachable: traced});
  const settings = await ignoredSettings(checkout, app, contents);
  const exclude = (path: string) => rules(path) ?? settings(path);
  const excluded = (path: string) => whyExcluded(path) ?? exclude(path);
  await writeBill(dir, app.manifest, excluded);
  const secrets = [...(config.build.secrets ?? []), ...(contents.secrets ?? [])];
  await refuseSecrets(dir, {excluded, contents: {...contents, secrets}, signal});

  const {revision, origin, dirty} = checkout;
  const facts: ManifestFacts = {
    name,
    version,
    source: {revision, origin, dirty},
    builder: builderVersion(),
    node: {range, ...app.runtime},
    packageManager: app.packageManager,
    scripts: app.scripts,
    processTypes: await processTypes(dir, {signal}),
    required: config.required,
    addons: await addonsOf(dir, app, {excluded, ...options}),
    dependencies,
  };
  const segments = cache === undefined ? undefined : {dir: join(cache, 'segments')};
  return await writeArchive(dir, {facts, to, exclude, modifiedAt, cache: segments}, {signal, onEvent});
}

async function addonsOf(
  dir: string,
  {runtime, target}: OpenedApp,
  {contents, signal, onEvent, excluded, dependencies}: BuildOptions & {excluded: Exclude},
): Promise<readonly string[]> {
  const all = await findAddons(dir, runtime, {signal});
  const found = all.filter((path) => excluded(path) === undefined);
  const {addons, packages, kept} =
    contents?.strip === true
      ? await stripAddons(dir, found, {signal})
      : {addons: found, packages: [], kept: []};
  if (contents?.strip === true) onEvent?.({type: 'build:stripped', packages, kept});
  if (target !== undefined) {
    const facts = {loadable: found, excluded, target: dependencies!.target!, built: packages};
    await refuseForeignAddons(dir, {...facts, signal});
  }
  return addons;
}
