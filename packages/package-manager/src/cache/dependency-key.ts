import {createHash} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {arch, platform, report, versions} from 'node:process';
import type {PackageManager} from '../package-manager.ts';
import {workspaceFolders} from './installed-folders.ts';
import {readPackageJson} from '../read-package-json.ts';

// Of package.json what decides what is installed; a new script or version installs nothing new.
const FIELDS = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'bundleDependencies',
  'bundledDependencies',
  'overrides',
  'resolutions',
  'workspaces',
  'pnpm',
  'engines',
  'os',
  'cpu',
  'libc',
  'bin',
  'directories',
  'publishConfig',
];
// Beside the lockfile: where packages come from, and how the tree is laid out.
const SETTINGS = ['.npmrc', '.yarnrc', '.yarnrc.yml', 'pnpm-workspace.yaml', '.pnpmfile.cjs'];

// A folder of the sources that is copied; a tarball of theirs is pinned by its checksum like one of the registry. A `link:` (so pnpm's
// lockfile has workspaces) installs a symbolic link, whatever it leads to.
const UNPINNED = /\b(portal|patch):|\bfile:(?![^\s"',]+\.(tgz|tar\.gz)\b)/;

export interface KeyFacts {
  readonly manager: PackageManager;
  /** Of the package manager that runs. */
  readonly version: string;
  readonly production: boolean;
}

/**
 * Two folders with the same key get the same dependencies installed: lockfile, settings, what the manifests ask for, the package
 * manager, and the runtime that chooses optional packages. Undefined when a dependency lies in the sources themselves (`file:`,
 * `portal:`, patches), whose contents no lockfile pins.
 */
export function dependencyKey(dir: string, {manager, version, production}: KeyFacts): string | undefined {
  if (manager.lockfile === undefined) return undefined;
  const lockfile = readFileSync(join(dir, manager.lockfile));
  if (UNPINNED.test(lockfile.toString('latin1'))) return undefined;
  const hash = createHash('sha256');
  const add = (name: string, content: string | Buffer) =>
    hash.update(`${name}\0${content.length}\0`).update(content);
  add('format 2', JSON.stringify([manager.name, version, production, runtime()]));
  add('lockfile', lockfile);
  for (const name of SETTINGS) add(name, readIfThere(join(dir, name)));
  for (const folder of ['', ...workspaceFolders(dir)]) add(folder, JSON.stringify(wanted(join(dir, folder))));
  return hash.digest('hex');
}

function wanted(folder: string): unknown[] {
  const manifest = readPackageJson(join(folder, 'package.json')) as Record<string, unknown>;
  const {bin} = manifest;
  // pnpm makes no link to a program that is not there.
  const programs = typeof bin === 'object' && bin !== null ? Object.values(bin) : [bin];
  const there = programs.map((path) => typeof path === 'string' && existsSync(join(folder, path)));
  return [manifest['name'], ...FIELDS.map((field) => manifest[field] ?? null), there];
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

let libc: string | undefined;

/** What chooses among optional packages. */
function runtime(): string[] {
  return [versions.node, platform, arch, (libc ??= libcOfReport())];
}

/** A report looks at everything that is open, also in the name service, so one must do. */
function libcOfReport(): string {
  const {header} = report.getReport() as {header: {glibcVersionRuntime?: string}};
  return header.glibcVersionRuntime === undefined ? 'other' : 'glibc';
}
