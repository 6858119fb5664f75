import {readEntries, type Archive} from '@keelson/archive';
import {install, prune, runScript} from '@keelson/package-manager';
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
  if (options.install !== false) await phases.run('install', () => installAll(app, options));
  const checked = await phases.run('check', () => checkDependencies(app, options));
  const scripts = await phases.run('install scripts', () => installScripts(app, options));
  // What others have installed has run whatever it liked.
  const dependencies = options.install === false ? checked : {installScripts: scripts, ...checked};
  await phases.run('build scripts', () => runScripts(app, options));
  if (app.folder === '' && options.install !== false)
    await phases.run('prune', () => pruneToProduction(app, options));
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

async function pruneToProduction(app: OpenedApp, {signal, onEvent, cache}: BuildOptions): Promise<void> {
  await prune(app.root, {...managerOf(app, cache), signal, onEvent});
  onEvent?.({type: 'build:pruned'});
}

function managerOf({manager, packageManager: {version}}: OpenedApp, cache: string | undefined) {
  return {manager, cache: cache === undefined ? undefined : {folder: `${cache}/dependencies`, version}};
}
