import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';

const PACKAGE = {
  name: 'bench-app',
  version: '1.0.0',
  private: true,
  dependencies: {'@nestjs/cli': '11.0.10', express: '5.1.0', fastify: '5.6.0'},
  devDependencies: {mocha: '11.7.2'},
};

/** An app of some 200 packages, without its code. The lockfile is made once and kept, so that all runs on this machine install the same. */
export function lockedApp() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'keelson-bench', 'locked-app');
  if (existsSync(join(cache, 'package-lock.json'))) return cache;
  mkdirSync(cache, {recursive: true});
  writeFileSync(join(cache, 'package.json'), `${JSON.stringify(PACKAGE, null, 2)}\n`);
  const argv = ['install', '--package-lock-only', '--no-audit', '--no-fund'];
  const {status} = spawnSync('npm', argv, {cwd: cache, stdio: ['ignore', 2, 2]});
  if (status !== 0) throw new Error('cannot make the lockfile of the app');
  return cache;
}
