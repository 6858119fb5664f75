import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {env, execPath} from 'node:process';
import type {PackageManager} from './package-manager.ts';

export interface Program {
  readonly command: string;
  /** Arguments before those of the call. */
  readonly before: readonly string[];
}

/**
 * What to start: the yarn that the app brings along (`yarnPath`); when package.json names an exact version, that one, from PATH or else
 * through npm, which comes with Node; without a version what is on PATH. Of npm itself any version reads its lockfiles.
 */
export function programOf(manager: PackageManager, dir: string): Program {
  const {name, version, berry} = manager;
  const own = berry ? yarnPath(dir) : undefined;
  if (own !== undefined) return {command: execPath, before: [own]};
  if (version === undefined || name === 'npm' || versionOnPath(name) === version)
    return {command: name, before: []};
  // npm has yarn 2 and later under this name: https://yarnpkg.com/corepack
  const specification = `${berry ? '@yarnpkg/cli-dist' : name}@${version}`;
  const fetch = ['exec', '--yes', '--prefer-offline', '--no-update-notifier', `--package=${specification}`];
  return {command: 'npm', before: [...fetch, '--', name]};
}

/** https://yarnpkg.com/configuration/yarnrc#yarnPath; those of a workspace lie at the root of the workspaces. */
function yarnPath(dir: string): string | undefined {
  const settings = join(dir, '.yarnrc.yml');
  if (!existsSync(settings)) return dirname(dir) === dir ? undefined : yarnPath(dirname(dir));
  const path = /^yarnPath:[ \t]*["']?([^"'\n]+?)["']?[ \t]*$/m.exec(readFileSync(settings, 'utf8'))?.[1];
  return path === undefined ? undefined : resolve(dir, path);
}

const versions = new Map<string, string | undefined>();

/** Undefined: it is not there. */
function versionOnPath(name: string): string | undefined {
  const key = `${name} ${env['PATH']}`;
  // In the root folder: beside a package.json some start the version that it names.
  if (!versions.has(key)) {
    const {stdout} = spawnSync(name, ['--version'], {
      cwd: '/',
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    versions.set(key, stdout?.trim());
  }
  return versions.get(key);
}
