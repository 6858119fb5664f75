import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {removeTree} from '@keelson/atomic-fs';
import {installedPackages, type InstalledPackage} from '@keelson/package-manager';
import type {StepOptions} from '@keelson/step';

export interface Stripped {
  /** Paths of the add-ons that the target needs: those that are still there, and those that it has to build. Sorted. */
  readonly addons: readonly string[];
  /** Names of the packages that it has to build, sorted. */
  readonly packages: readonly string[];
  /** Of packages whose `binding.gyp` does not say what comes out of it: left as they are. */
  readonly kept: readonly string[];
}

/**
 * Takes out of an installed tree what a compiler made and would make again: of packages with a `binding.gyp` their `build` (which
 * `node-gyp rebuild` removes, too), `prebuilds` and whatever else is a `.node` or `.o` file; of the others, which nobody could build,
 * only the `prebuilds` for other machines. @param found add-ons for this machine, as findAddons gives them
 */
export async function stripAddons(
  dir: string,
  found: readonly string[],
  {signal}: StepOptions = {},
): Promise<Stripped> {
  const addons = new Set(found);
  const packages = new Set<string>();
  const kept = new Set<string>();
  for (const one of installedPackages(dir)) {
    signal?.throwIfAborted();
    const own = found.filter((path) => path.startsWith(`${one.folder}/`) && !inModules(path, one.folder));
    const made = one.gyp ? expectedAddons(dir, one, own) : [];
    if (one.gyp && made.length === 0 && own.length > 0) kept.add(one.name);
    if (made.length > 0) {
      for (const path of own) addons.delete(path);
      for (const path of made) addons.add(path);
      packages.add(one.name);
    }
    for (const path of leftovers(dir, one.folder, made.length > 0))
      if (made.length > 0 || !found.includes(path)) await removeTree(join(dir, path));
  }
  return {addons: [...addons].sort(), packages: [...packages].sort(), kept: [...kept].sort()};
}

/** Where the add-ons of a package will be once it is built: where they are, or where node-gyp puts what `binding.gyp` names. */
function expectedAddons(dir: string, {folder}: InstalledPackage, own: readonly string[]): string[] {
  const built = own.filter((path) => !path.startsWith(`${folder}/prebuilds/`));
  if (built.length > 0) return built;
  const gyp = readFileSync(join(dir, folder, 'binding.gyp'), 'utf8');
  const targets = [...gyp.matchAll(/['"]target_name['"]\s*:\s*['"]([\w.-]+)['"]/g)].map((match) => match[1]!);
  return targets.map((target) => `${folder}/build/Release/${target}.node`);
}

function inModules(path: string, folder: string): boolean {
  return path.slice(folder.length).includes('/node_modules/');
}

/** Files and folders below a package that a compiler made; of one that cannot be built only what lies in `prebuilds`. */
function leftovers(dir: string, folder: string, buildable: boolean): string[] {
  if (buildable) {
    const whole = ['build', 'prebuilds'].map((name) => `${folder}/${name}`);
    return [...whole.filter((path) => existsSync(join(dir, path))), ...files(dir, folder, /\.(node|o)$/)];
  }
  const prebuilds = `${folder}/prebuilds`;
  return existsSync(join(dir, prebuilds)) ? files(dir, prebuilds, /\.node$/) : [];
}

function files(dir: string, folder: string, wanted: RegExp): string[] {
  return readdirSync(join(dir, folder), {withFileTypes: true}).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : files(dir, path, wanted);
    return entry.isFile() && wanted.test(entry.name) ? [path] : [];
  });
}
