import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {modulesFolders} from './cache/installed-folders.ts';
import {readPackageJson} from './read-package-json.ts';

/** A package as it lies on disk; what only links to it does not count. */
export interface InstalledPackage {
  readonly name: string;
  /** Undefined when its package.json has none. */
  readonly version: string | undefined;
  /** Relative to the app. */
  readonly folder: string;
  readonly scripts: Readonly<Record<string, string>>;
  /** It has a `binding.gyp`, which node-gyp compiles when no script says otherwise. */
  readonly gyp: boolean;
}

/** Every package below the `node_modules` of an app, pnpm's store among them, sorted by folder. */
export function installedPackages(dir: string): InstalledPackage[] {
  const found: InstalledPackage[] = [];
  const todo = modulesFolders(dir);
  for (let modules = todo.pop(); modules !== undefined; modules = todo.pop())
    for (const folder of packageFolders(dir, modules)) {
      const nested = `${folder}/node_modules`;
      if (existsSync(join(dir, nested))) todo.push(nested);
      const facts = readFacts(join(dir, folder));
      if (facts !== undefined) found.push({...facts, folder});
    }
  return found.sort((one, other) => (one.folder < other.folder ? -1 : 1));
}

/** `a`, `@x/b` and `.pnpm/a@1/node_modules/a` below a `node_modules`. */
function packageFolders(dir: string, modules: string): string[] {
  return realFolders(dir, modules).flatMap((name) => {
    const folder = `${modules}/${name}`;
    if (name.startsWith('@')) return realFolders(dir, folder).map((inner) => `${folder}/${inner}`);
    if (name !== '.pnpm') return name.startsWith('.') ? [] : [folder];
    const stores = realFolders(dir, folder).map((store) => `${folder}/${store}/node_modules`);
    return stores
      .filter((store) => existsSync(join(dir, store)))
      .flatMap((store) => packageFolders(dir, store));
  });
}

function realFolders(dir: string, folder: string): string[] {
  return readdirSync(join(dir, folder), {withFileTypes: true})
    .filter((entry) => entry.isDirectory())
    .map(({name}) => name);
}

function readFacts(dir: string): Omit<InstalledPackage, 'folder'> | undefined {
  let manifest: {name?: unknown; version?: unknown; scripts?: Record<string, string>; gypfile?: boolean};
  try {
    manifest = readPackageJson(join(dir, 'package.json')) as typeof manifest;
  } catch {
    return undefined; // no package, or one whose author never looked at it
  }
  if (typeof manifest?.name !== 'string') return undefined;
  const gyp = manifest.gypfile !== false && existsSync(join(dir, 'binding.gyp'));
  const version = typeof manifest.version === 'string' ? manifest.version : undefined;
  return {name: manifest.name, version, scripts: manifest.scripts ?? {}, gyp};
}

/** Whether installing it would run a program of its own. https://docs.npmjs.com/cli/using-npm/scripts#npm-install */
export function hasInstallScript({scripts, gyp}: InstalledPackage): boolean {
  return gyp || ['preinstall', 'install', 'postinstall'].some((name) => scripts[name] !== undefined);
}
