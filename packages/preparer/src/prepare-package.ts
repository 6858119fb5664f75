import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {readManifest} from '@keelson/manifest';
import {detectPackageManager, packagesWithScripts} from '@keelson/package-manager';
import {isFault} from '@keelson/step';
import {PrepareFault} from './fault.ts';
import {factsWith} from './app-node.ts';
import {packageWork} from './package-work.ts';
import {asOwner, proveReused, type Made, type WithRights} from './prepare-archive.ts';
import {proveAddons} from './prove-addons.ts';
import type {RawPackage} from './raw-package.ts';
import {requireNode} from './require-machine.ts';
import {
  forgetDependencies,
  heldDependencies,
  keepDependencies,
  restoreDependencies,
} from './store/dependency-store.ts';
import {modulesFolders} from './store/modules-folders.ts';
import {lockedTreeKey} from './store/tree-key.ts';
import {unpackPackage} from './unpack-package.ts';

/** Copy → Node version → dependencies from the store, or install → install scripts → add-ons → into the store. */
export async function preparePackage(app: RawPackage, into: string, given: WithRights): Promise<Made> {
  const {signal, onEvent, store, trusted} = given;
  if (trusted !== undefined)
    throw new PrepareFault(
      'PREPARE_NOT_SIGNED',
      `${app.path} is a package, and only signed archives are taken here`,
      {
        hint: `Build and sign it: keelson build ${app.path}`,
      },
    );
  const digest = await unpackPackage(app, into, {
    signal,
    onEvent: ({done, total}) => onEvent?.({type: 'prepare:extracted', done, total}),
  });
  const {name, version, node: range} = await readManifest(into, {signal});
  const node = await given.nodeFor?.(range, {signal});
  if (node !== undefined) onEvent?.({type: 'prepare:node-found', version: node.version});
  const options = {...given, node};
  const here = factsWith(node);
  await requireNode({name, version, range}, here);
  onEvent?.({type: 'prepare:verified', digest});

  const manager = await detectPackageManager(into, {signal});
  const key = store === undefined ? undefined : lockedTreeKey(into, manager, here);
  const kept = key === undefined ? undefined : {key, entry: join(store!, key)};
  const held = kept && heldDependencies(kept.entry);
  const before = held && (await restoreDependencies(held, into, {signal}));
  if (before !== undefined) {
    const reused = await proveReused({dir: into, addons: before}, options);
    if (reused !== undefined) {
      onEvent?.({type: 'prepare:reused', key: key!});
      return {digest, node, ...reused, dependencies: {key: key!, reused: true}};
    }
    await forgetDependencies(kept!.entry);
    await removeModules(into);
  }
  const made = await asOwner(into, options.rights, async () => {
    await installDependencies(into, options);
    const rebuilt = await runInstallScripts(into, options);
    const {proved} = await proveAddons(into, addonsBelow(into), options);
    return {rebuilt, proved};
  });
  if (kept === undefined || modulesFolders(into).length === 0) return {digest, node, ...made};
  await keepDependencies(kept.entry, {dir: into, proved: made.proved}, {signal});
  return {digest, node, ...made, dependencies: {key: kept.key, reused: false}};
}

async function removeModules(dir: string): Promise<void> {
  const {removeTree} = await import('@keelson/atomic-fs');
  for (const folder of modulesFolders(dir)) await removeTree(join(dir, folder));
}

/** What the lockfile says, without devDependencies. An app without dependencies, or whose sources bring them, needs nothing. */
async function installDependencies(dir: string, {signal, onEvent, rights, node}: WithRights): Promise<void> {
  const manager = await detectPackageManager(dir, {signal});
  if (manager.lockfile === undefined && (!hasDependencies(dir) || existsSync(join(dir, 'node_modules'))))
    return;
  const onLine = (line: string) => onEvent?.({type: 'prepare:install-printed', line});
  await packageWork({verb: 'install', dir}, {signal, rights, node, onLine});
  onEvent?.({type: 'prepare:installed', packageManager: manager.name});
}

async function runInstallScripts(
  dir: string,
  {signal, onEvent, rights, node}: WithRights,
): Promise<string[]> {
  const packages = await packagesWithScripts(dir, {signal});
  if (packages.length === 0) return [];
  const onLine = (line: string) => onEvent?.({type: 'prepare:rebuild-printed', line});
  try {
    await packageWork({verb: 'rebuild', dir, packages}, {signal, rights, node, onLine});
  } catch (cause) {
    if (!isFault(cause) || cause.code !== 'PREPARE_INSTALL_FAILED') throw cause;
    const {message, hint} = cause;
    throw new PrepareFault(
      'PREPARE_REBUILD_FAILED',
      `${packages.join(', ')}: install scripts failed: ${message}`,
      {
        cause,
        hint,
      },
    );
  }
  onEvent?.({type: 'prepare:rebuilt', packages});
  return packages;
}

function hasDependencies(dir: string): boolean {
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Record<
    string,
    object | undefined
  >;
  return ['dependencies', 'optionalDependencies', 'workspaces'].some(
    (field) => Object.keys(manifest[field] ?? {}).length > 0,
  );
}

/** Paths of every `.node` file that dependencies have. Links are not followed: what they lead to is found where it lies. */
function addonsBelow(dir: string): string[] {
  const found: string[] = [];
  const todo = modulesFolders(dir);
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop())
    for (const entry of readdirSync(join(dir, folder), {withFileTypes: true})) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) todo.push(path);
      // node-gyp leaves each result twice.
      else if (entry.isFile() && entry.name.endsWith('.node') && !/\/obj\.target\//.test(path))
        found.push(path);
    }
  return found.sort();
}
