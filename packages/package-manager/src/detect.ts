import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {readManifest} from '@keelson/manifest';
import type {StepOptions} from '@keelson/step';
import {PackageManagerFault} from './fault.ts';
import type {PackageManager, PackageManagerName} from './package-manager.ts';
import {readPackageJson} from './read-package-json.ts';

// Of two lockfiles of npm the first is the one npm reads.
const LOCKFILES: Readonly<Record<string, PackageManagerName | 'bun'>> = {
  'npm-shrinkwrap.json': 'npm',
  'package-lock.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
};

const SUPPORTED: readonly string[] = ['npm', 'pnpm', 'yarn'] satisfies PackageManagerName[];

/**
 * Which package manager an app uses: by its lockfile and the `packageManager` field of package.json, npm when there is neither.
 * Faults: PM_AMBIGUOUS when these do not agree (as heroku refuses it, too), PM_UNSUPPORTED, and those of readManifest.
 */
export async function detectPackageManager(dir: string, options: StepOptions = {}): Promise<PackageManager> {
  options.signal?.throwIfAborted();
  const packageManager = await askedFor(dir, options);
  const asked = packageManager === undefined ? undefined : parseField(packageManager, dir);
  const lockfiles = Object.keys(LOCKFILES).filter((name) => existsSync(join(dir, name)));
  const owners = new Set(lockfiles.map((name) => LOCKFILES[name]!));
  if (owners.size > 1)
    throw new PackageManagerFault(
      'PM_AMBIGUOUS',
      `${dir} has lockfiles of several package managers: ${lockfiles.join(', ')}`,
      {
        hint: 'Keep the one that counts and delete the others.',
      },
    );
  const [lockfile] = lockfiles;
  const [owner] = owners;
  if (asked !== undefined && owner !== undefined && asked.name !== owner)
    throw new PackageManagerFault(
      'PM_AMBIGUOUS',
      `package.json of ${dir} asks for ${packageManager}, but ${lockfile} is ${owner}'s`,
      {
        hint: 'Correct the packageManager field, or replace the lockfile.',
      },
    );
  const name = asked?.name ?? owner ?? 'npm';
  if (!SUPPORTED.includes(name)) throw unsupported(name, dir);
  const found = {
    kind: 'package-manager',
    name: name as PackageManagerName,
    version: asked?.version,
    lockfile,
  } as const;
  if (!isBerry(found, dir)) return found;
  const linker = linkerOf(dir);
  if (linker === 'pnp') return {...found, berry: true, pnp: true};
  if (linker === 'node-modules') return {...found, berry: true};
  throw new PackageManagerFault(
    'PM_UNSUPPORTED',
    `${dir} uses yarn with nodeLinker ${linker}, which is not supported yet`,
    {
      hint: 'Put `nodeLinker: node-modules` (or pnp) into .yarnrc.yml and run `yarn install`.',
    },
  );
}

/** The root of workspaces need not have a name, or anything else that an app has. What is wrong with a file readManifest says. */
async function askedFor(dir: string, options: StepOptions): Promise<string | undefined> {
  try {
    const {packageManager} = readPackageJson(join(dir, 'package.json')) as {packageManager?: unknown};
    if (packageManager === undefined || typeof packageManager === 'string') return packageManager;
  } catch {
    // it is not there, or no JSON
  }
  return (await readManifest(dir, options)).packageManager;
}

/** `npm@11.0.0+sha512.…` as corepack writes it. */
function parseField(field: string, dir: string): {name: string; version: string} {
  const match = /^([a-z]+)@(\d+\.\d+\.\d+[^+]*)(\+.*)?$/.exec(field);
  if (match === null)
    throw new PackageManagerFault(
      'PM_UNSUPPORTED',
      `package.json of ${dir}: packageManager is ${JSON.stringify(field)}`,
      {
        hint: 'It is written as a name and an exact version: "npm@11.0.0".',
      },
    );
  const [, name, version] = match;
  return {name: name!, version: version!};
}

/** Yarn 2 or later, by its version, its lockfile or its settings. */
function isBerry({name, version, lockfile}: PackageManager, dir: string): boolean {
  if (name !== 'yarn') return false;
  if (version !== undefined) return !version.startsWith('1.');
  if (lockfile !== undefined) return readFileSync(join(dir, lockfile), 'utf8').includes('\n__metadata:');
  return existsSync(join(dir, '.yarnrc.yml'));
}

/** https://yarnpkg.com/features/linkers */
function linkerOf(dir: string): string {
  const settings = join(dir, '.yarnrc.yml');
  const text = existsSync(settings) ? readFileSync(settings, 'utf8') : '';
  return /^nodeLinker:[ \t]*["']?([\w-]+)/m.exec(text)?.[1] ?? 'pnp';
}

function unsupported(name: string, dir: string): PackageManagerFault {
  return new PackageManagerFault('PM_UNSUPPORTED', `${dir} uses ${name}, which is not supported yet`, {
    hint: 'npm, pnpm and yarn are.',
  });
}
