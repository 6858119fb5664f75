import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {ArchiveEntry, RuntimeFacts} from '@keelson/archive';
import {workspaceFolders, type PackageManager} from '@keelson/package-manager';

// Of package.json what decides what is installed; a new script or version installs nothing new.
const FIELDS = [
  'dependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'bundleDependencies',
  'bundledDependencies',
  'overrides',
  'resolutions',
  'workspaces',
  'pnpm',
  'os',
  'cpu',
  'libc',
];
const SETTINGS = ['.npmrc', '.yarnrc', '.yarnrc.yml', 'pnpm-workspace.yaml', '.pnpmfile.cjs'];
// A folder of the sources, whose content no lockfile pins; a tarball is pinned by its checksum.
const UNPINNED = /\b(link|portal|patch):|\bfile:(?![^\s"',]+\.(tgz|tar\.gz)\b)/;

/**
 * What is installed for a package: equal keys, equal trees. Undefined when a dependency lies in the sources themselves, or there is no
 * lockfile. The app's own version in npm's lockfile does not count.
 */
export function lockedTreeKey(dir: string, manager: PackageManager, here: RuntimeFacts): string | undefined {
  if (manager.lockfile === undefined) return undefined;
  const lockfile = readFileSync(join(dir, manager.lockfile), 'utf8');
  if (UNPINNED.test(lockfile)) return undefined;
  const parts = [
    'locked 1',
    JSON.stringify([manager.name, manager.version ?? null, here]),
    manager.name === 'npm' ? withoutVersion(lockfile) : lockfile,
    ...SETTINGS.map((name) => textOf(join(dir, name))),
    ...['', ...workspaceFolders(dir)].map(
      (folder) => `${folder}\n${wanted(join(dir, folder, 'package.json'))}`,
    ),
  ];
  return keyOf(parts);
}

/** What an archive brings along below `node_modules`, and the machine that its add-ons are proved, or built anew, for. */
export function builtTreeKey(
  entries: readonly ArchiveEntry[],
  addons: readonly string[],
  here: RuntimeFacts,
): string | undefined {
  const below = entries.filter(({path}) => /(^|\/)node_modules\//.test(path));
  if (below.length === 0) return undefined;
  const lines = below.map((entry) =>
    [entry.path, entry.mode, entry.mode === 'link' ? entry.target : entry.sha256].join('\0'),
  );
  return keyOf(['built 1', JSON.stringify([here, addons]), lines.join('\n')]);
}

function keyOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}\0`).update(part);
  return hash.digest('hex');
}

function withoutVersion(lockfile: string): string {
  const {
    version: _,
    packages,
    ...rest
  } = JSON.parse(lockfile) as {
    version?: string;
    packages?: Record<string, {version?: string}>;
  };
  const {'': {version: __, ...root} = {}, ...others} = packages ?? {};
  return JSON.stringify({...rest, packages: {'': root, ...others}});
}

function wanted(path: string): string {
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  return JSON.stringify(FIELDS.map((field) => manifest[field] ?? null));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
