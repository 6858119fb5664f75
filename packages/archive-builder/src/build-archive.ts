import {
  checkTarget,
  runtimeFacts,
  whyExcluded,
  writeArchive,
  type Archive,
  type ManifestFacts,
} from '@keelson/archive';
import {readManifest} from '@keelson/manifest';
import {detectPackageManager, install, prune, runScript} from '@keelson/package-manager';
import type {Checkout} from '@keelson/source';
import type {StepOptions} from '@keelson/step';
import {archiveName} from './archive-name.ts';
import type {BuildEvent} from './build-event.ts';
import {faultInSource} from './fault-in-source.ts';
import {packageManagerFacts} from './package-manager-facts.ts';
import {findAddons} from './find-addons.ts';
import {leftOut} from './left-out.ts';
import {builderVersion} from './builder-version.ts';
import {processTypes} from './process-types.ts';
import {wantedFiles} from './wanted-files.ts';
import {runInstallScripts} from './install-scripts.ts';
import {refuseSecrets} from './refuse-secrets.ts';

export interface BuildOptions extends StepOptions<BuildEvent> {
  /** The archive's file (.tgz, .tar.gz, .tar). Default `<name>-<version>.tgz` in the current folder. */
  readonly out?: string | undefined;
  /** False: takes `node_modules` as the checkout has it, and prunes nothing. Default true. */
  readonly install?: boolean | undefined;
  /** package.json scripts to run instead of the configured ones; none when empty. */
  readonly scripts?: readonly string[] | undefined;
  /** Packages whose install scripts may run, e.g. to compile an add-on. Default none. */
  readonly rebuild?: readonly string[] | undefined;
  /** The time of every entry (SOURCE_DATE_EPOCH), in seconds since 1970. Default npm's, 1985-10-26T08:15:00Z. */
  readonly modifiedAt?: number | undefined;
  /** Folder where installed dependencies are kept for the next build with the same lockfile. Default: they are not. */
  readonly cache?: string | undefined;
  /** Files of the app that look like secrets and may go into the archive all the same. */
  readonly allowSecrets?: readonly string[] | undefined;
}

/**
 * Builds the app in a checkout, which is changed, and packs it: the same sources give the same bytes.
 * Faults: BUILD_SECRET; those of readManifest, package-manager, readProcfile and writeArchive.
 */
export async function buildArchive(checkout: Checkout, options: BuildOptions = {}): Promise<Archive> {
  try {
    return await build(checkout, options);
  } catch (error) {
    throw faultInSource(error, checkout);
  }
}

async function build(checkout: Checkout, options: BuildOptions): Promise<Archive> {
  const {dir} = checkout;
  const {signal, onEvent, modifiedAt} = options;
  const {name, version, node: range, app} = await readManifest(dir, {signal});
  const {path: to} = checkTarget(options.out ?? archiveName(name, version));
  const manager = await detectPackageManager(dir, {signal});
  const step = {signal, onEvent, manager};
  onEvent?.({type: 'build:opened', name, version, packageManager: manager.name});

  const packageManager = await packageManagerFacts(dir, step);
  const cache =
    options.cache === undefined ? undefined : {folder: options.cache, version: packageManager.version};
  if (options.install !== false) {
    const cached = await install(dir, {...step, cache});
    onEvent?.({type: 'build:installed', cached});
  }
  await runInstallScripts(dir, options.rebuild ?? [], step);

  const scripts = options.scripts ?? app.build.scripts;
  for (const script of scripts) {
    await runScript(dir, script, step);
    onEvent?.({type: 'build:script-ran', name: script});
  }

  if (options.install !== false) {
    await prune(dir, {...step, cache});
    onEvent?.({type: 'build:pruned'});
  }
  const [left, unwanted] = [leftOut(checkout, name, to), await wantedFiles(dir)];
  const exclude = (path: string) => left(path) ?? unwanted(path);
  refuseSecrets(dir, {
    excluded: (path) => whyExcluded(path) ?? exclude(path),
    allowed: options.allowSecrets ?? [],
    signal,
  });

  const {revision, origin, dirty} = checkout;
  const runtime = runtimeFacts();
  const facts: ManifestFacts = {
    name,
    version,
    source: {revision, origin, dirty},
    builder: builderVersion(),
    node: {range, ...runtime},
    packageManager,
    scripts,
    processTypes: await processTypes(dir, {signal}),
    required: app.required,
    addons: await findAddons(dir, runtime, {signal}),
  };
  const archive = await writeArchive(dir, {facts, to, exclude, modifiedAt}, step);
  const {bytes, manifest} = archive;
  onEvent?.({type: 'build:packed', path: to, bytes, entries: manifest.contents.entries});
  return archive;
}
