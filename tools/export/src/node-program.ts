import {execFile} from 'node:child_process';
import {constants} from 'node:fs';
import {access, readdir} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {promisify} from 'node:util';

import {userHome} from '@keelson/atomic-fs';
import {AppExportFault} from './fault.ts';

/** A Node that is installed here. */
interface InstalledNode {
  readonly version: string;
  readonly path: string;
}

// Where version managers keep them: n, nvm, fnm, asdf, mise, nodenv, volta, and tarballs as nodejs.org's guide unpacks them.
const KEPT = (home: string): readonly (readonly [string, string])[] => [
  ['/usr/local/n/versions/node', 'bin/node'],
  ['/usr/local/lib/nodejs', 'bin/node'],
  ['/opt', 'bin/node'],
  [join(home, 'n/n/versions/node'), 'bin/node'],
  [join(home, '.nvm/versions/node'), 'bin/node'],
  [join(home, '.local/share/fnm/node-versions'), 'installation/bin/node'],
  [join(home, '.asdf/installs/nodejs'), 'bin/node'],
  [join(home, '.local/share/mise/installs/node'), 'bin/node'],
  [join(home, '.nodenv/versions'), 'bin/node'],
  [join(home, '.volta/tools/image/node'), 'bin/node'],
];

const SYSTEM = ['/usr/local/bin/node', '/usr/bin/node'];

const isProgram = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

async function keptIn(folder: string, inside: string): Promise<InstalledNode[]> {
  const names = await readdir(folder).catch(() => []);
  const found = names.flatMap((name) => {
    const version = /^(?:node-)?v?(\d+\.\d+\.\d+)(?:-linux-\w+)?$/.exec(name)?.[1];
    return version === undefined ? [] : [{version, path: join(folder, name, inside)}];
  });
  const there = await Promise.all(found.map(({path}) => isProgram(path)));
  return found.filter((_, index) => there[index]);
}

async function versionOf(path: string): Promise<InstalledNode[]> {
  if (!(await isProgram(path))) return [];
  const {stdout} = await promisify(execFile)(path, ['--version'], {timeout: 10_000});
  return [{version: stdout.trim().replace(/^v/, ''), path}];
}

function byVersion(a: InstalledNode, b: InstalledNode): number {
  return b.version.localeCompare(a.version, 'en', {numeric: true});
}

/**
 * The Node that is asked for: a path to one, or `20`, `20.11`, `v20.11.1`: the newest such that is installed here. Default: this one.
 * Faults: EXPORT_NODE.
 */
export async function nodeProgram(
  asked: string | undefined,
  home = userHome() ?? '/nonexistent',
): Promise<string> {
  if (asked === undefined) return process.execPath;
  const wanted = /^v?(\d+(?:\.\d+){0,2})$/.exec(asked)?.[1];
  if (wanted === undefined) {
    if (await isProgram(resolve(asked))) return resolve(asked);
    throw new AppExportFault('EXPORT_NODE', `--node ${asked} is no program here`, {
      hint: 'Give the path of a node, or a version that is installed, such as 20.',
    });
  }
  const found = [
    {version: process.versions.node, path: process.execPath},
    ...(await Promise.all(SYSTEM.map(versionOf))).flat(),
    ...(await Promise.all(KEPT(home).map(([folder, inside]) => keptIn(folder, inside)))).flat(),
  ].toSorted(byVersion);
  const fitting = found.find(({version}) => `${version}.`.startsWith(`${wanted}.`));
  if (fitting) return fitting.path;
  const there = [...new Set(found.map(({version}) => version))].join(', ');
  throw new AppExportFault('EXPORT_NODE', `Node ${wanted} is not installed here`, {
    hint: `There is ${there}. Install it, or give its path with --node PATH.`,
  });
}
