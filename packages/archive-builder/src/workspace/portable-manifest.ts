import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {PackageNode} from './dependency-graph.ts';

// https://pnpm.io/workspaces#workspace-protocol-workspace, https://yarnpkg.com/protocols
const OF_WORKSPACES = /^(workspace|catalog|link|portal|file|patch):/;
const RUNTIME = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const;

/**
 * The package.json of a workspace as it is read outside of the workspaces: what points to other folders or to a catalog becomes the
 * version that is there, and devDependencies that do so go. Undefined: it can stay as it is.
 */
export function portableManifest({path, needs}: PackageNode): string | undefined {
  const text = readFileSync(join(path, 'package.json'), 'utf8');
  const manifest = JSON.parse(text.replace(/^\uFEFF/, '')) as Record<string, unknown>;
  let changed = false;
  for (const field of RUNTIME)
    for (const [name, wanted] of Object.entries(manifest[field] ?? {})) {
      if (!OF_WORKSPACES.test(String(wanted))) continue;
      changed = true;
      const version = needs.get(name)?.file.version;
      (manifest[field] as Record<string, string>)[name] = version ?? '*';
    }
  const development = Object.values((manifest['devDependencies'] as object | undefined) ?? {});
  if (development.some((wanted) => OF_WORKSPACES.test(String(wanted)))) {
    changed = true;
    delete manifest['devDependencies'];
  }
  return changed ? `${JSON.stringify(manifest, null, 2)}\n` : undefined;
}
