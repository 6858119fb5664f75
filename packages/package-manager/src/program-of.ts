import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {env, execPath} from 'node:process';
import type {PackageManager} from './package-manager.ts';
import {wordsWithin} from './within.ts';

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
  if (version === undefined || name === 'npm' || versionOnPath(name, manager.within) === version)
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

/** The same in the manager's environment, with the settings that it has to be told there. */
export function commandOf(
  manager: PackageManager,
  dir: string,
  settings: Readonly<Record<string, string>>,
): Program {
  const {command, before} = programOf(manager, dir);
  return wordsWithin(manager.within, dir, {
    command: command === execPath && manager.within !== undefined ? 'node' : command,
    before,
    settings,
  });
}

const versions = new Map<string, string | undefined>();

/** Undefined: it is not there. */
function versionOnPath(name: string, within: readonly string[] = []): string | undefined {
  const key = `${within.join(' ')} ${name} ${env['PATH']}`;
  // In the root folder: beside a package.json some start the version that it names.
  if (!versions.has(key)) {
    const [command, ...args] = [...within, name, '--version'] as const;
    const {stdout} = spawnSync(command!, args, {
      cwd: '/',
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    versions.set(key, stdout?.trim());
  }
  return versions.get(key);
}
