import {realpathSync} from 'node:fs';
import {join} from 'node:path';
import {workspaceFolders} from '@keelson/package-manager';
import type {PackageNode} from './dependency-graph.ts';
import {readPackageFile, type PackageFile} from './package-file.ts';

/** The workspaces that one needs to run, by their manifests alone: nothing is installed yet, so packages from elsewhere are not in it. */
export function workspaceGraph(root: string, folder: string): PackageNode {
  const top = realpathSync(root);
  const paths = new Map<string, string>();
  for (const one of workspaceFolders(top)) {
    const name = fileOf(join(top, one))?.name;
    if (name !== undefined) paths.set(name, join(top, one));
  }
  const nodes = new Map<string, PackageNode>();
  const nodeAt = (path: string): PackageNode => {
    const known = nodes.get(path);
    if (known !== undefined) return known;
    const node: PackageNode = {path, file: readPackageFile(path), workspace: true, needs: new Map()};
    nodes.set(path, node);
    const {dependencies, optionalDependencies, peerDependencies} = node.file;
    for (const [name, wanted] of Object.entries({
      ...peerDependencies,
      ...optionalDependencies,
      ...dependencies,
    })) {
      const found = paths.get(name);
      // An alias is another package under that name.
      if (found !== undefined && !wanted.startsWith('npm:')) node.needs.set(name, nodeAt(found));
    }
    return node;
  };
  return nodeAt(join(top, folder));
}

function fileOf(dir: string): PackageFile | undefined {
  try {
    return readPackageFile(dir);
  } catch {
    return undefined; // somebody's fixture
  }
}
