import {realpathSync} from 'node:fs';
import {join} from 'node:path';
import {BuildFault} from '../fault.ts';
import {readPackageFile, type PackageFile} from './package-file.ts';
import {resolvePackage} from './resolve-package.ts';

/** An installed package, or a workspace. */
export interface PackageNode {
  /** Its real folder. */
  readonly path: string;
  readonly file: PackageFile;
  /** It lies among the sources, not in a `node_modules`. */
  readonly workspace: boolean;
  /** What it gets by which name. */
  readonly needs: Map<string, PackageNode>;
}

/**
 * The folder of an app with all packages that it needs to run, each with what it really gets from the installed tree. A peer that is
 * optional counts where somebody else needs the same package. Faults: BUILD_WORKSPACE for a dependency of a workspace that is not installed.
 */
export function dependencyGraph(root: string, folder: string): PackageNode {
  const top = realpathSync(root);
  const nodes = new Map<string, PackageNode>();
  const todo: PackageNode[] = [];
  const nodeAt = (path: string): PackageNode => {
    const known = nodes.get(path);
    if (known !== undefined) return known;
    const workspace = !path.slice(top.length).includes('/node_modules/');
    const node: PackageNode = {path, file: readPackageFile(path), workspace, needs: new Map()};
    nodes.set(path, node);
    todo.push(node);
    return node;
  };
  const app = nodeAt(join(top, folder));
  for (let node = todo.pop(); node !== undefined; node = todo.pop())
    for (const name of runtimeNeeds(node.file)) {
      const found = resolvePackage(top, node.path, name);
      if (found !== undefined) node.needs.set(name, nodeAt(found));
      else requireOptional(top, node, name);
    }
  for (const node of nodes.values())
    for (const name of Object.keys(node.file.peerDependencies ?? {})) {
      const found = node.needs.has(name) ? undefined : resolvePackage(top, node.path, name);
      const same = found === undefined ? undefined : nodes.get(found);
      if (same !== undefined) node.needs.set(name, same);
    }
  return app;
}

/** What a package cannot run without, and what was installed for it because this machine can use it. */
function runtimeNeeds(file: PackageFile): string[] {
  const {dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {}} = file;
  const peers = Object.keys(peerDependencies ?? {}).filter(
    (name) => peerDependenciesMeta[name]?.optional !== true,
  );
  return [...new Set([...Object.keys({...dependencies, ...optionalDependencies}), ...peers])];
}

/** What a package of the registry lacks its author or an override took away; the sources are the user's own. */
function requireOptional(root: string, {path, file, workspace}: PackageNode, name: string): void {
  const asked = file.dependencies?.[name] !== undefined && file.optionalDependencies?.[name] === undefined;
  if (!workspace || !asked) return;
  throw new BuildFault(
    'BUILD_WORKSPACE',
    `${path.slice(root.length + 1)} depends on ${name}, which is not installed`,
    {hint: 'Run the package manager at the root of the workspaces, and commit the lockfile it writes.'},
  );
}
