import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'keelson-bench');

/**
 * A program of an npm package, installed into a cache of the bench's own at an exact version.
 * @returns {string} absolute path of the file
 */
export function npmPeer(name, version, file) {
  const folder = join(cache, `${name.replace('/', '+')}@${version}`);
  const path = join(folder, 'node_modules', name, file);
  if (existsSync(path)) return path;
  process.stderr.write(`bench: installing ${name}@${version}\n`);
  mkdirSync(folder, {recursive: true});
  // npm stays in a folder with a package.json. With --prefix it would pass over the machine's own npmrc, and the certificates it names.
  writeFileSync(join(folder, 'package.json'), '{}');
  const argv = ['install', '--no-audit', '--no-fund', '--no-save', `${name}@${version}`];
  const {status} = spawnSync('npm', argv, {cwd: folder, stdio: ['ignore', 2, 2]});
  if (status !== 0 || !existsSync(path)) throw new Error(`cannot install ${name}@${version}`);
  return path;
}

/** Programs that the machine has to have; says what to install when one is missing. */
export function needPrograms(programs, hint) {
  const missing = programs.filter(
    (program) => spawnSync(program, ['--version'], {stdio: 'ignore'}).error !== undefined,
  );
  if (missing.length > 0) throw new Error(`needs ${missing.join(', ')}: ${hint}`);
}
