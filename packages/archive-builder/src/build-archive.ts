import {createHash} from 'node:crypto';
import {join} from 'node:path';
import {readEntries, type Archive} from '@keelson/archive';
import {removeTree} from '@keelson/atomic-fs';
import {
  install,
  installedFolders,
  prune,
  returnInstalled,
  runScript,
  type InstallOptions,
} from '@keelson/package-manager';
import type {Checkout} from '@keelson/source';
import type {BuildOptions} from './build-options.ts';
import {checkDependencies} from './check-dependencies.ts';
import {faultInSource} from './fault-in-source.ts';
import {runInstallScripts, type InstallScripts} from './install-scripts.ts';
import {largestPackages} from './largest-packages.ts';
import {openApp, type OpenedApp} from './open-app.ts';
import {packApp} from './pack-app.ts';
import {createPhases} from './phases.ts';
import {assembleWorkspace} from './workspace/assemble-workspace.ts';
import {buildNeededWorkspaces} from './workspace/build-needed-workspaces.ts';

/**
 * Builds the app in a checkout, which is changed, and packs it: the same sources give the same bytes.
 * Faults: BUILD_SECRET, BUILD_NOTHING_INCLUDED, BUILD_WORKSPACE, BUILD_TOO_NEW; those of readManifest, package-manager, readProcfile and writeArchive.
 */
export async function buildArchive(checkout: Checkout, options: BuildOptions = {}): Promise<Archive> {
  try {
    return await build(checkout, options);
  } catch (error) {
    throw faultInSource(error, checkout);
  }
}

async function build(checkout: Checkout, options: BuildOptions): Promise<Archive> {
  const phases = createPhases();
  const app = await phases.run('open', () => openApp(checkout, options));
  // However it ends: the next build takes what is installed here, instead of copying it.
  await using _installed = {[Symbol.asyncDispose]: () => returnAll(app, options)};
  // Build scripts need what runs here; without any, the target's packages are all that is needed.
  const forTarget = app.target !== undefined;
  const forHere = !forTarget || app.scripts.length > 0 || app.folder !== '';
  if (options.install !== false && forHere) await phases.run('install', () => installAll(app, options));
  let checked = await phases.run('check', () => checkDependencies(app, options));
  let scripts = await phases.run('install scripts', () => installScripts(app, options));
  await phases.run('build scripts', () => runScripts(app, options));
  if (forTarget) {
    await phases.run('install for the target', () => installForTarget(app, options));
    checked = await phases.run('check', () => checkDependencies(app, options));
    scripts = await installScripts(app, options);
  } else if (app.folder === '' && options.install !== false)
    await phases.run('prune', () => pruneToProduction(app, options));
  // What others have installed has run whatever it liked.
  const dependencies = options.install === false ? checked : {installScripts: scripts, ...checked};
  await using workspace =
    app.folder === '' ? undefined : await phases.run('assemble', () => assembleWorkspace(app, options));
  const dir = workspace?.path ?? app.dir;
  const archive = await phases.run('pack', () =>
    packApp(app, {checkout, dir, to: app.to, dependencies}, options),
  );
  if (options.onEvent !== undefined) {
    const packages = largestPackages(await readEntries(archive, {signal: options.signal}));
    const {path, bytes, manifest} = archive;
    options.onEvent({
      type: 'build:packed',
      path,
      bytes,
      contents: manifest.contents,
      phases: phases.done,
      packages,
    });
  }
  return archive;
}

async function installAll(app: OpenedApp, {signal, onEvent, cache}: BuildOptions): Promise<void> {
  const cached = await install(app.root, {...managerOf(app, cache), signal, onEvent});
  onEvent?.({type: 'build:installed', cached});
}

async function installScripts(
  app: OpenedApp,
  {dependencies, signal, onEvent}: BuildOptions,
): Promise<InstallScripts> {
  const {rebuild = []} = dependencies ?? {};
  return await runInstallScripts(app.root, rebuild, {manager: app.manager, signal, onEvent});
}

async function runScripts(app: OpenedApp, options: BuildOptions): Promise<void> {
  const {signal, onEvent, scripts} = options;
  if (app.folder !== '' && scripts?.length !== 0) await buildNeededWorkspaces(app, options);
  for (const script of app.scripts) {
    await runScript(app.dir, script, {manager: app.manager, signal, onEvent});
    onEvent?.({type: 'build:script-ran', name: script});
  }
}

/** In place of what build scripts needed, which was for this machine. */
async function installForTarget(app: OpenedApp, options: BuildOptions): Promise<void> {
  const {signal, onEvent} = options;
  await returnInstalled(app.root, managerOf(app, options.cache));
  for (const folder of installedFolders(app.root)) await removeTree(join(app.root, folder));
  const cached = await install(app.root, {...targetOf(app, options), signal, onEvent});
  onEvent?.({type: 'build:installed', cached});
}

async function returnAll(app: OpenedApp, options: BuildOptions): Promise<void> {
  if (options.install === false) return;
  const {target} = app;
  await returnInstalled(
    app.root,
    target === undefined ? managerOf(app, options.cache) : targetOf(app, options),
  );
}

function targetOf(app: OpenedApp, {cache, dependencies}: BuildOptions): InstallOptions {
  const {manager, packageManager, target, folder} = app;
  const what = {manager, platform: target, production: folder === ''};
  if (cache === undefined) return what;
  const trees = `${cache}/dependencies-${dependencies!.target!}`;
  return {...what, cache: {folder: trees, version: packageManager.version}};
}

async function pruneToProduction(app: OpenedApp, {signal, onEvent, cache}: BuildOptions): Promise<void> {
  await prune(app.root, {...managerOf(app, cache), signal, onEvent});
  onEvent?.({type: 'build:pruned'});
}

function managerOf({manager, packageManager: {version}, runtime}: OpenedApp, cache: string | undefined) {
  if (cache === undefined) return {manager};
  // Another environment chooses other optional packages, and has other libraries to compile against.
  const {within} = manager;
  const place = within === undefined ? '' : `-${shortHash(JSON.stringify([within, runtime]))}`;
  return {manager, cache: {folder: `${cache}/dependencies${place}`, version}};
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
