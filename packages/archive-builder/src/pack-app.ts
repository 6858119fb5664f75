import {join} from 'node:path';
import {
  runtimeFacts,
  whyExcluded,
  writeArchive,
  type Archive,
  type ManifestFacts,
  type RuntimeFacts,
} from '@keelson/archive';
import type {Checkout} from '@keelson/source';
import type {BuildOptions} from './build-options.ts';
import {builderVersion} from './builder-version.ts';
import {excludedPaths} from './excluded-paths.ts';
import {findAddons} from './find-addons.ts';
import {requireIncluded} from './included.ts';
import type {OpenedApp} from './open-app.ts';
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
  const {allowSecrets = [], include = []} = contents;
  const {name, version, node: range, app: config} = app.manifest;
  await requireIncluded(dir, include);
  const exclude = await excludedPaths(dir, {checkout, name, to: app.to, include});
  const excluded = (path: string) => whyExcluded(path) ?? exclude(path);
  await writeBill(dir, app.manifest, excluded);
  refuseSecrets(dir, {excluded, allowed: allowSecrets, signal});

  const {revision, origin, dirty} = checkout;
  const runtime = runtimeFacts();
  const facts: ManifestFacts = {
    name,
    version,
    source: {revision, origin, dirty},
    builder: builderVersion(),
    node: {range, ...runtime},
    packageManager: app.packageManager,
    scripts: app.scripts,
    processTypes: await processTypes(dir, {signal}),
    required: config.required,
    addons: await addonsOf(dir, runtime, options),
    dependencies,
  };
  const segments = cache === undefined ? undefined : {dir: join(cache, 'segments')};
  return await writeArchive(dir, {facts, to, exclude, modifiedAt, cache: segments}, {signal, onEvent});
}

async function addonsOf(
  dir: string,
  runtime: RuntimeFacts,
  {contents, signal, onEvent}: BuildOptions,
): Promise<readonly string[]> {
  const found = await findAddons(dir, runtime, {signal});
  if (contents?.strip !== true) return found;
  const {addons, packages, kept} = await stripAddons(dir, found, {signal});
  onEvent?.({type: 'build:stripped', packages, kept});
  return addons;
}
