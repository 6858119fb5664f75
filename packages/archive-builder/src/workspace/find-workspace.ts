import {join, posix} from 'node:path';
import {workspaceFolders} from '@keelson/package-manager';
import {BuildFault} from '../fault.ts';
import {readPackageJson} from '../read-package-json.ts';

/**
 * The folder of the workspace that a person means: by its place, by the name in its package.json, or by the last part of either
 * when that is enough to tell it. Faults: BUILD_WORKSPACE.
 */
export function findWorkspace(root: string, wanted: string): string {
  const path = posix.normalize(wanted.replace(/\/+$/, ''));
  const all = workspaceFolders(root).map((folder) => ({folder, name: nameOf(join(root, folder))}));
  const rules: readonly ((one: (typeof all)[number]) => boolean)[] = [
    ({folder}) => folder === path,
    ({name}) => name === wanted,
    ({folder, name}) => folder.endsWith(`/${wanted}`) || name?.endsWith(`/${wanted}`) === true,
  ];
  const found = rules.map((rule) => all.filter(rule)).find(({length}) => length > 0) ?? [];
  if (found.length === 1) return found[0]!.folder;
  const known = (found.length > 0 ? found : all).map(({folder, name}) =>
    name === undefined ? folder : `${name} (${folder})`,
  );
  throw new BuildFault(
    'BUILD_WORKSPACE',
    `${root} has ${found.length === 0 ? 'no workspace' : 'several workspaces'} ${JSON.stringify(wanted)}`,
    {hint: known.length === 0 ? 'It has none at all.' : `There are: ${known.join(', ')}`},
  );
}

function nameOf(dir: string): string | undefined {
  try {
    const {name} = readPackageJson(join(dir, 'package.json')) as {name?: unknown};
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined; // somebody's fixture; the workspace that is meant is read properly
  }
}
