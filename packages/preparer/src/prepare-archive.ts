import {join} from 'node:path';
import {extractArchive, readEntries, type Archive} from '@keelson/archive';
import {removeTree} from '@keelson/atomic-fs';
import {giveTree, type Rights} from './account.ts';
import {factsWith, type AppNode} from './app-node.ts';
import {whyNotLoaded} from './load-addon.ts';
import type {PreparedApp, PrepareOptions} from './prepare.ts';
import {proveAddons} from './prove-addons.ts';
import {requireMachine} from './require-machine.ts';
import {requireSignature} from './require-signature.ts';
import {
  forgetDependencies,
  heldDependencies,
  keepDependencies,
  restoreDependencies,
} from './store/dependency-store.ts';
import {builtTreeKey} from './store/tree-key.ts';

export type Made = Pick<PreparedApp, 'digest' | 'rebuilt' | 'proved' | 'dependencies' | 'node'>;

export interface WithRights extends PrepareOptions {
  readonly rights: Rights;
  /** Found by `nodeFor`. */
  readonly node?: AppNode | undefined;
}

/** Signature → machine → unpack, comparing every byte but of dependencies that the store has → these from there → add-ons → into the store. */
export async function prepareArchive(archive: Archive, into: string, given: WithRights): Promise<Made> {
  const {signal, onEvent, trusted, store} = given;
  if (trusted !== undefined) {
    const keyId = await requireSignature(archive, trusted, {signal});
    onEvent?.({type: 'prepare:signature-verified', keyId});
  }
  const node = await given.nodeFor?.(archive.manifest.node.range, {signal});
  if (node !== undefined) onEvent?.({type: 'prepare:node-found', version: node.version});
  const options = {...given, node};
  const here = factsWith(node);
  const {addons} = archive.manifest;
  const entries = addons.length > 0 || store !== undefined ? await readEntries(archive, {signal}) : undefined;
  const there = new Set(entries?.map(({path}) => path));
  /** Add-ons that the archive needs and does not bring along: they have to be built here. */
  const stripped = addons.filter((path) => !there.has(path));
  await requireMachine({...archive.manifest, addons: addons.filter((path) => there.has(path))}, here);
  const key = store === undefined ? undefined : builtTreeKey(entries ?? [], addons, here);
  const kept = key === undefined ? undefined : {key, entry: join(store!, key)};
  const held = kept && heldDependencies(kept.entry);
  await extractArchive(archive, into, {
    signal,
    kept: held && ((path) => held.folders.some((folder) => path.startsWith(`${folder}/`))),
    onEvent: ({done, total}) => onEvent?.({type: 'prepare:extracted', done, total}),
  });
  onEvent?.({type: 'prepare:verified', digest: archive.digest});

  if (held !== undefined) {
    const before = await restoreDependencies(held, into, {signal});
    const reused = before && (await proveReused({dir: into, addons: before}, options));
    if (reused === undefined) {
      await forgetDependencies(kept!.entry);
      await removeTree(into);
      return prepareArchive(archive, into, options);
    }
    onEvent?.({type: 'prepare:reused', key: key!});
    return {digest: archive.digest, node, ...reused, dependencies: {key: key!, reused: true}};
  }
  const proof = await asOwner(into, options.rights, () =>
    proveAddons(into, addons, {...options, missing: stripped}),
  );
  if (kept === undefined) return {digest: archive.digest, node, ...proof};
  await keepDependencies(kept.entry, {dir: into, proved: proof.proved}, {signal});
  return {digest: archive.digest, node, ...proof, dependencies: {key: kept.key, reused: false}};
}

/** Loads what loaded before; undefined when it does not any more. */
export async function proveReused(
  {dir, addons}: {readonly dir: string; readonly addons: readonly string[]},
  options: WithRights,
): Promise<Pick<Made, 'rebuilt' | 'proved'> | undefined> {
  for (const path of addons) {
    const because = await whyNotLoaded(join(dir, path), options);
    if (because !== undefined) return undefined;
    options.onEvent?.({type: 'prepare:addon-proved', path});
  }
  return {rebuilt: [], proved: addons};
}

/** While another user's programs work in a tree it is his; afterwards it is ours again. */
export async function asOwner<T>(dir: string, rights: Rights, work: () => Promise<T>): Promise<T> {
  if (typeof rights === 'string') return work();
  const {uid, gid} = {uid: process.getuid!(), gid: process.getgid!()};
  giveTree(dir, rights);
  const result = await work();
  giveTree(dir, {uid, gid});
  return result;
}
