import {join} from 'node:path';
import {runtimeFacts} from '@keelson/archive';
import {isFault} from '@keelson/step';
import {addonsHere, packageOf, type AddonGroup} from './addons-here.ts';
import {PrepareFault} from './fault.ts';
import {whyNotLoaded} from './load-addon.ts';
import {packageWork} from './package-work.ts';
import type {WithRights} from './prepare-archive.ts';

export interface AddonProof {
  /** Packages that were built anew. */
  readonly rebuilt: readonly string[];
  /** Paths that loaded, sorted. */
  readonly proved: readonly string[];
}

interface Trial {
  readonly group: AddonGroup;
  readonly loaded: readonly string[];
  readonly failed: readonly {readonly path: string; readonly because: string}[];
}

export interface ProofOptions extends WithRights {
  /** Those of the add-ons that are not there, and have to be built first. Default none. */
  readonly missing?: readonly string[] | undefined;
}

/**
 * Loads every add-on that is built for this machine. Packages of which none loads are rebuilt and tried again: whether that is
 * needed is decided by loading and not by ABI numbers, since Node-API add-ons outlive them, and a rebuild is believed only
 * when its result loads, since npm 12 reports success for rebuilds that it did not do. What is missing counts as what does not load.
 * Faults: PREPARE_NEEDS_USER, PREPARE_REBUILD_FAILED, PREPARE_ADDON_BROKEN.
 */
export async function proveAddons(
  dir: string,
  addons: readonly string[],
  options: ProofOptions,
): Promise<AddonProof> {
  const {missing = []} = options;
  const there = addons.filter((path) => !missing.includes(path));
  const groups = await addonsHere(dir, there, runtimeFacts());
  const first = await tryAll(dir, groups, options);
  const broken = [...first.filter(isBroken), ...trialsOf(missing)];
  const rebuilt = await rebuildOwners(dir, broken, options);
  const second = await tryAll(
    dir,
    broken.map(({group}) => group),
    options,
  );
  const still = second.find(isBroken);
  if (still !== undefined) throw brokenAddon(still);
  return {rebuilt, proved: [...first, ...second].flatMap(({loaded}) => loaded).toSorted()};
}

function trialsOf(missing: readonly string[]): Trial[] {
  const owners = new Map<string, string[]>();
  for (const path of missing) {
    const owner = packageOf(path);
    owners.set(owner, [...(owners.get(owner) ?? []), path]);
  }
  return [...owners].map(([name, files]) => ({
    group: {package: name, files},
    loaded: [],
    failed: files.map((path) => ({path, because: 'it was stripped from the archive'})),
  }));
}

async function tryAll(
  dir: string,
  groups: readonly AddonGroup[],
  {signal, onEvent, rights, node}: ProofOptions,
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const group of groups) {
    const loaded: string[] = [];
    const failed: {path: string; because: string}[] = [];
    for (const path of group.files) {
      const because = await whyNotLoaded(join(dir, path), {signal, rights, node});
      if (because === undefined) loaded.push(path);
      else failed.push({path, because});
      onEvent?.(
        because === undefined
          ? {type: 'prepare:addon-proved', path}
          : {type: 'prepare:addon-failed', path, because},
      );
    }
    trials.push({group, loaded, failed});
  }
  return trials;
}

async function rebuildOwners(
  dir: string,
  broken: readonly Trial[],
  {signal, onEvent, rights, node}: ProofOptions,
): Promise<string[]> {
  const own = broken.find(({group}) => group.package === '');
  if (own !== undefined) throw brokenAddon(own); // a package manager rebuilds dependencies, not the app itself
  const packages = [...new Set(broken.map(({group}) => group.package))];
  if (packages.length === 0) return [];
  try {
    const onLine = (line: string) => onEvent?.({type: 'prepare:rebuild-printed', line});
    await packageWork({verb: 'rebuild', dir, packages}, {signal, rights, node, onLine});
  } catch (cause) {
    signal?.throwIfAborted();
    if (!isFault(cause) || cause.code !== 'PREPARE_INSTALL_FAILED') throw cause;
    const reasons = broken.map(describe).join('; ');
    throw new PrepareFault(
      'PREPARE_REBUILD_FAILED',
      `${packages.join(', ')} could not be rebuilt: ${cause.message} (rebuilt because ${reasons})`,
      {cause, hint: HINT},
    );
  }
  onEvent?.({type: 'prepare:rebuilt', packages});
  return packages;
}

const HINT = 'Build the archive with the Node version, architecture and C library of this machine.';

function isBroken({loaded}: Trial): boolean {
  return loaded.length === 0;
}

function describe({failed}: Trial): string {
  return failed.map(({path, because}) => `${path}: ${because}`).join('; ');
}

function brokenAddon(trial: Trial): PrepareFault {
  const count = trial.failed.length;
  const what = count === 1 ? 'the add-on does not load' : `none of ${count} add-ons loads`;
  const owner = trial.group.package === '' ? 'the app' : trial.group.package;
  return new PrepareFault('PREPARE_ADDON_BROKEN', `${owner}: ${what}: ${describe(trial)}`, {hint: HINT});
}
