// An app of some 200 packages built again after one of its files has changed, against its first build; and that against npm and tar,
// which verify, record and refuse nothing. npm finds every package in its own cache each time.
import {spawnSync} from 'node:child_process';
import {cpSync, readFileSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';

import {lockedApp} from '../locked-app.js';
import {needPrograms} from '../peers.js';

export default function build({root, work}) {
  needPrograms(['tar', 'gzip', 'npm'], 'apt-get install tar gzip; npm comes with Node');
  const app = join(work, 'app');
  cpSync(lockedApp(), app, {recursive: true});
  const manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'));
  writeFileSync(join(app, 'package.json'), JSON.stringify({...manifest, scripts: {build: 'node -e 0'}}));
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
