import {realpathSync} from 'node:fs';
import {join} from 'node:path';
import {installedPackages} from '@keelson/package-manager';
import type {StepOptions} from '@keelson/step';
import {BuildFault} from './fault.ts';
import {allAddons} from './find-addons.ts';
import {readPackageFile} from './workspace/package-file.ts';
import {resolvePackage} from './workspace/resolve-package.ts';

export interface ForeignOptions extends StepOptions {
  /** What goes in of the add-ons that the target loads. */
  readonly loadable: readonly string[];
  /** Why a path does not go into the archive; undefined for one that does. */
  readonly excluded: (path: string) => string | undefined;
  /** As the user names it. */
  readonly target: string;
  /** Packages that the target compiles itself. */
  readonly built: readonly string[];
}

const SHOWN = 10;

/**
 * Of each package with add-ons (and of the app) one must load on the target; a package that has to be compiled has none yet. Packages that
 * bring add-ons for several platforms along may bring others, too. Faults: BUILD_TARGET.
 */
export async function refuseForeignAddons(
  dir: string,
  {loadable, excluded, target, built, signal}: ForeignOptions,
): Promise<void> {
  const good = new Set(loadable.map(ownerOf));
  const wrong = new Map<string, string>();
  for (const path of await allAddons(dir, {signal}))
    if (!good.has(ownerOf(path)) && excluded(path) === undefined)
      wrong.set(ownerOf(path) || 'the app', `${path} is for another platform`);
  for (const {folder, name, gyp} of installedPackages(dir))
    if (
      gyp &&
      !good.has(folder) &&
      !wrong.has(folder) &&
      !built.includes(name) &&
      excluded(folder) === undefined
    )
      wrong.set(folder, 'it has to be compiled, and brings nothing prebuilt');
  for (const [folder, name] of withoutBuild(realpathSync(dir)))
    if (excluded(folder) === undefined) wrong.set(name, 'none of its optional packages is for it');
  if (wrong.size === 0) return;
  const lines = [...wrong].map(([owner, because]) => `\n  ${owner}: ${because}`).sort();
  const more = lines.length > SHOWN ? `\n  and ${lines.length - SHOWN} more` : '';
  throw new BuildFault('BUILD_TARGET', `not made for ${target}:${lines.slice(0, SHOWN).join('')}${more}`, {
    hint: 'Build on such a machine, or in an environment like it (--in COMMAND); or let the target compile: --strip.',
  });
}

/** The folder of the package that a file belongs to; '' for the app. */
function ownerOf(path: string): string {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? '';
}

// As authors name the packages that hold one platform's build: `@img/sharp-linux-x64`, `@esbuild/darwin-arm64`, `x-win32-ia32-msvc`.
const OF_PLATFORM = /(^|[-_./@])(linux|linuxmusl|darwin|win32|windows|freebsd|android)([-_.]|$)/;

/** Packages that keep their builds in optional packages, of which none was installed: folder → name. */
function withoutBuild(dir: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of ['', ...installedPackages(dir).map((one) => one.folder)]) {
    const {name = 'the app', optionalDependencies = {}} = readPackageFile(join(dir, folder));
    const builds = Object.keys(optionalDependencies).filter((one) => OF_PLATFORM.test(one));
    // WebAssembly runs everywhere.
    const others = Object.keys(optionalDependencies).filter((one) => /wasm/.test(one));
    const there = (one: string) => resolvePackage(dir, join(dir, folder), one) !== undefined;
    if (builds.length > 1 && ![...builds, ...others].some(there))
      found.set(folder === '' ? 'package.json' : folder, name);
  }
  return found;
}
