import {checkTarget, runtimeFacts, writeArchive, type Archive, type ManifestFacts} from '@keelson/archive';
import {readManifest} from '@keelson/manifest';
import {detectPackageManager, install, prune, runScript} from '@keelson/package-manager';
import type {Checkout} from '@keelson/source';
import type {StepOptions} from '@keelson/step';
import {archiveName, earlierArchives} from './archive-name.ts';
import type {BuildEvent} from './build-event.ts';
import {faultInSource} from './fault-in-source.ts';
import {packageManagerFacts} from './package-manager-facts.ts';
import {findAddons} from './find-addons.ts';
import {builderVersion} from './builder-version.ts';
import {processTypes} from './process-types.ts';
import {runInstallScripts} from './install-scripts.ts';

export interface BuildOptions extends StepOptions<BuildEvent> {
  /** The archive's file (.tgz, .tar.gz, .tar). Default `<name>-<version>.tgz` in the current folder. */
  readonly out?: string | undefined;
  /** package.json scripts to run instead of the configured ones. */
  readonly scripts?: readonly string[] | undefined;
  /** Packages whose install scripts may run, e.g. to compile an add-on. Default none. */
  readonly rebuild?: readonly string[] | undefined;
  /** The time of every entry (SOURCE_DATE_EPOCH), in seconds since 1970. Default npm's, 1985-10-26T08:15:00Z. */
  readonly modifiedAt?: number | undefined;
}

/**
 * Builds the app in a checkout, which is changed, and packs it: the same sources give the same bytes.
 * Faults: those of readManifest, package-manager, readProcfile and writeArchive.
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

  const [packageManager] = await together(packageManagerFacts(dir, step), install(dir, step));
  onEvent?.({type: 'build:installed'});

  await runInstallScripts(dir, options.rebuild ?? [], step);

  const scripts = options.scripts ?? app.build.scripts;
  for (const script of scripts) {
    await runScript(dir, script, step);
    onEvent?.({type: 'build:script-ran', name: script});
  }

  await prune(dir, step);
  onEvent?.({type: 'build:pruned'});

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
  const exclude = earlierArchives(checkout, name, to);
  const archive = await writeArchive(dir, {facts, to, exclude, modifiedAt}, step);
  const {bytes, manifest} = archive;
  onEvent?.({type: 'build:packed', path: to, bytes, entries: manifest.contents.entries});
  return archive;
}

/** Both, and on a failure not before the other has ended, too: nothing of a build runs on after it. */
async function together<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}
