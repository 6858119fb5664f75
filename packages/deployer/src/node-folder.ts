import {readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {AppManifest} from '@keelson/manifest';
import type {AppNode, NodeFor} from '@keelson/preparer';
import type {Release} from '@keelson/releases';
import {DeployFault} from './fault.ts';

/** Where a deploy root keeps a Node of its releases' own; its program is `bin/node` there. */
export function nodeFolder(root: string, version: string): string {
  return join(root, '.keelson', 'node', version);
}

/** The Node that a release is bound to, also after this one was replaced by another. Fault DEPLOY_NODE: nobody can bring it. */
export async function nodeOf(
  release: Release,
  manifest: AppManifest,
  {nodeFor, signal}: {readonly nodeFor?: NodeFor | undefined; readonly signal: AbortSignal | undefined},
): Promise<AppNode | undefined> {
  if (nodeFor !== undefined) return nodeFor(release.node ?? manifest.node, {signal});
  if (release.node === undefined || release.node === process.versions.node) return undefined;
  throw new DeployFault(
    'DEPLOY_NODE',
    `release ${release.number} runs with Node ${release.node}, this is ${process.versions.node}`,
    {hint: 'Use keelson deploy, which brings it.'},
  );
}

/** Removes what no release needs. */
export async function pruneNodes(root: string, releases: readonly Release[]): Promise<void> {
  const folder = join(root, '.keelson', 'node');
  const needed = new Set(releases.map(({node}) => node));
  for (const name of await readdir(folder).catch(() => []))
    if (!needed.has(name)) await rm(join(folder, name), {recursive: true, force: true});
}
