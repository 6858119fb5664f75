import {chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {whyExcluded} from '@keelson/archive';
import {cloneTree, temporaryDirectory} from '@keelson/atomic-fs';
import type {BuildOptions} from '../build-options.ts';
import type {OpenedApp} from '../open-app.ts';
import {refuseSecrets} from '../refuse-secrets.ts';
import {wantedFiles, type Exclude} from '../wanted-files.ts';
import {dependencyGraph, type PackageNode} from './dependency-graph.ts';
import {placePackages, type Place} from './place-packages.ts';
import {portableManifest} from './portable-manifest.ts';

/** A folder that is removed when it is disposed. */
export interface AssembledWorkspace extends AsyncDisposable {
  readonly path: string;
  /** Where each workspace of the sources has come to: its folder there, and its place here. */
  readonly placed: readonly {readonly folder: string; readonly at: string}[];
}

/**
 * One workspace as an app of its own, in a new folder: its files, and below `node_modules` what it needs to run, other workspaces
 * among it as real folders with what they would publish. @param graph default: as it is installed. Faults: BUILD_WORKSPACE, BUILD_SECRET.
 */
export async function assembleWorkspace(
  app: OpenedApp,
  options: BuildOptions,
  graph: PackageNode = dependencyGraph(app.root, app.folder),
): Promise<AssembledWorkspace> {
  const {signal, onEvent} = options;
  const root = realpathSync(app.root);
  const layout = placePackages(graph);
  const work = await temporaryDirectory({parent: dirname(app.root), prefix: '.keelson-tmp-'});
  try {
    const todo = [layout];
    let packages = 0;
    for (const place of todo) {
      await copyPackage(place, join(work.path, place.path), {root, ...options});
      todo.push(...place.children.values());
      packages++;
    }
    for (const place of todo) linkPrograms(place, join(work.path, place.path));
    signal?.throwIfAborted();
    onEvent?.({type: 'build:assembled', workspace: app.folder, packages: packages - 1});
    const placed = todo
      .filter(({node}) => node.workspace)
      .map(({node, path}) => ({folder: relative(root, node.path), at: path}));
    return {...work, placed};
  } catch (error) {
    await work[Symbol.asyncDispose]();
    throw error;
  }
}

type CopyOptions = Pick<BuildOptions, 'contents' | 'signal' | 'onEvent'> & {readonly root: string};

async function copyPackage({node, path}: Place, to: string, options: CopyOptions): Promise<void> {
  const {signal, onEvent} = options;
  const isApp = path === '';
  // Rules for the app itself are those of its archive.
  const excluded = node.workspace && !isApp ? await unpublished(node.path, options) : () => undefined;
  const skip = (file: string): boolean => {
    if (file === 'node_modules') return true;
    const because = excluded(file);
    if (because !== undefined) onEvent?.({type: 'archive:excluded', path: `${path}/${file}`, because});
    return because !== undefined;
  };
  mkdirSync(to, {recursive: true});
  await cloneTree(node.path, to, {signal, skip});
  if (!node.workspace) return;
  const manifest = portableManifest(node);
  if (manifest !== undefined) writeFileSync(join(to, 'package.json'), manifest);
}

/** What stays out of a workspace that others depend on. Below `node_modules` nobody would look for secrets any more. */
async function unpublished(dir: string, {root, contents, signal}: CopyOptions): Promise<Exclude> {
  const unwanted = await wantedFiles(dir);
  const excluded = (path: string) =>
    whyExcluded(path) ?? (path === '.npmrc' ? 'only installing needs it' : unwanted(path));
  const prefix = `${relative(root, dir)}/`;
  await refuseSecrets(dir, {excluded, contents, prefix, signal});
  return excluded;
}

/** `node_modules/.bin`, as npm makes it: https://docs.npmjs.com/cli/configuring-npm/folders#executables */
function linkPrograms({children}: Place, dir: string): void {
  const bin = join(dir, 'node_modules/.bin');
  for (const [name, {node}] of [...children].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const programs =
      typeof node.file.bin === 'string'
        ? {[(node.file.name ?? name).replace(/^@[^/]+\//, '')]: node.file.bin}
        : (node.file.bin ?? {});
    for (const [program, file] of Object.entries(programs)) {
      const target = join(dir, 'node_modules', name, file);
      const there = lstatSync(join(bin, program), {throwIfNoEntry: false}) !== undefined;
      if (there || !/^[\w.-]+$/.test(program) || !existsSync(target)) continue;
      mkdirSync(bin, {recursive: true});
      symlinkSync(join('..', name, file), join(bin, program));
      chmodSync(target, 0o755);
    }
  }
}
