// An app of some 200 packages built again after one of its files has changed, against its first build; and that against npm and tar,
// which verify, record and refuse nothing. npm finds every package in its own cache each time.
import {spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';

import {needPrograms} from '../peers.js';

const PACKAGE = {
  name: 'bench-app',
  version: '1.0.0',
  private: true,
  scripts: {build: 'node -e 0'},
  dependencies: {'@nestjs/cli': '11.0.10', express: '5.1.0', fastify: '5.6.0'},
  devDependencies: {mocha: '11.7.2'},
};

/** The lockfile is made once and kept, so that all runs on this machine build the same. */
function lockedApp() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'keelson-bench', 'build-app');
  if (existsSync(join(cache, 'package-lock.json'))) return cache;
  mkdirSync(cache, {recursive: true});
  writeFileSync(join(cache, 'package.json'), `${JSON.stringify(PACKAGE, null, 2)}\n`);
  const argv = ['install', '--package-lock-only', '--no-audit', '--no-fund'];
  const {status} = spawnSync('npm', argv, {cwd: cache, stdio: ['ignore', 2, 2]});
  if (status !== 0) throw new Error('cannot make the lockfile of the app to build');
  return cache;
}

export default function build({root, work}) {
  needPrograms(['tar', 'gzip', 'npm'], 'apt-get install tar gzip; npm comes with Node');
  const app = join(work, 'app');
  cpSync(lockedApp(), app, {recursive: true});
  writeFileSync(join(app, 'server.js'), '0;\n');
  const program = join(root, 'packages/archive-builder/bin/keelson-build.js');
  const shell = (line, ...args) => ['bash', '-c', line, 'bench', ...args];
  const ours = (name, line, cache) => ({
    name,
    command: shell(line, app, process.execPath, program, app, '--out', join(work, `${cache}.tgz`)),
    env: {XDG_CACHE_HOME: join(work, cache), npm_config_cache: join(homedir(), '.npm')},
  });
  const change = 'date +%s%N > "$1/changed.txt" && shift';
  const again = ours('keelson-build, one file changed', `${change} && exec "$@"`, 'warm');
  const first = ours(
    'keelson-build, the first time',
    `${change} && rm -rf "$XDG_CACHE_HOME" && exec "$@"`,
    'cold',
  );
  const {status, stderr} = spawnSync(again.command[0], again.command.slice(1), {
    env: {...process.env, ...again.env},
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);

  const copy = join(work, 'copy');
  const byHand = `rm -rf "$2" && cp -r "$1" "$2" && cd "$2" && npm ci --ignore-scripts --no-audit --no-fund --prefer-offline &&
    npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund && tar cf - . | gzip -6 > "$3"`;
  return [
    {ours: again, theirs: first},
    {
      ours: first,
      theirs: {
        name: 'npm ci, run, prune; tar | gzip -6',
        command: shell(byHand, app, copy, join(work, 'b.tgz')),
      },
    },
  ];
}
