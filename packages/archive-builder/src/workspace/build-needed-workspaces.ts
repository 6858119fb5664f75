import {realpathSync} from 'node:fs';
import {join} from 'node:path';
import {readManifest} from '@keelson/manifest';
import {runScript} from '@keelson/package-manager';
import type {BuildOptions} from '../build-options.ts';
import type {OpenedApp} from '../open-app.ts';
import {readPackageFile} from './package-file.ts';
import {resolvePackage} from './resolve-package.ts';

/** Runs the build scripts of the workspaces that this one needs, also for building; of each before those that need it. */
export async function buildNeededWorkspaces(app: OpenedApp, {signal, onEvent}: BuildOptions): Promise<void> {
  const root = realpathSync(app.root);
  for (const dir of neededWorkspaces(root, join(root, app.folder))) {
    const manifest = await readManifest(dir, {signal});
    for (const script of manifest.app.build.scripts) {
      await runScript(dir, script, {manager: app.manager, signal, onEvent});
      onEvent?.({type: 'build:script-ran', name: script, workspace: dir.slice(root.length + 1)});
    }
  }
}

/** Real folders; what is needed comes first. Of a circle the one that was met last. */
function neededWorkspaces(root: string, app: string): string[] {
  const order = new Set<string>();
  const met = new Set<string>();
  const visit = (dir: string): void => {
    if (met.has(dir)) return;
    met.add(dir);
    const {dependencies, devDependencies, optionalDependencies, peerDependencies} = readPackageFile(dir);
    const names = Object.keys({
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
      ...peerDependencies,
    });
    for (const name of names.sort()) {
      const found = resolvePackage(root, dir, name);
      if (found !== undefined && !found.slice(root.length).includes('/node_modules/')) visit(found);
    }
    if (dir !== app) order.add(dir);
  };
  visit(app);
  return [...order];
}
