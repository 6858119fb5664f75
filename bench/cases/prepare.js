// An app of some 200 packages, not built, prepared for the second time with the same lockfile, against the first time; and against what
// a deployer does that installs for each release. npm finds every package in its own cache each time. What the second one adds to the disk
// is printed before.
import {spawnSync} from 'node:child_process';
import {cpSync, lstatSync, readdirSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';

import {lockedApp} from '../locked-app.js';
import {needPrograms} from '../peers.js';

/** Blocks of a tree in bytes, without what `seen` has already; of folders apart. */
function disk(dir, seen = new Set()) {
  const used = {files: 0, folders: lstatSync(dir).blocks * 512};
  for (const entry of readdirSync(dir, {withFileTypes: true})) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      const below = disk(path, seen);
      used.files += below.files;
      used.folders += below.folders;
      continue;
    }
    const {ino, blocks} = lstatSync(path);
    if (!seen.has(ino)) used.files += blocks * 512;
    seen.add(ino);
  }
  return used;
}

export default function prepare({root, work}) {
  needPrograms(['npm', 'bash'], 'npm comes with Node');
  const app = join(work, 'app');
  cpSync(lockedApp(), app, {recursive: true});
  writeFileSync(join(app, 'server.js'), '0;\n');
  writeFileSync(join(app, 'Procfile'), 'web: node server.js\n');
  const program = join(root, 'packages/preparer/bin/keelson-prepare.js');
  const warm = join(work, 'store');
  const argv = [program, app, '--allow-root'];
  const env = {npm_config_cache: join(homedir(), '.npm')};
  // Each run makes a folder of its own: to remove old ones is no part of it.
  const shell = (line, ...args) => [
    'bash',
    '-c',
    `D=$(mktemp -d "$1/XXXXXX") && shift && ${line}`,
    'bench',
    work,
    ...args,
  ];
  const ours = (name, store) => ({
    name,
    command: shell(`exec "$@" --into "$D" --store "${store}" 2>&1`, process.execPath, ...argv),
    env,
  });
  const second = ours('keelson-prepare, the second release', warm);
  const first = ours('keelson-prepare, the first release', '$D.store');
  const install = {
    name: 'cp -r; npm ci --omit=dev',
    command: shell(
      'cp -r "$1/." "$D" && cd "$D" && npm ci --omit=dev --no-audit --no-fund --prefer-offline',
      app,
    ),
    env,
  };
  for (const into of ['warm', 'again']) {
    const {status, stderr} = spawnSync(
      process.execPath,
      [...argv, '--into', join(work, into), '--store', warm],
      {
        env: {...process.env, ...env},
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(stderr);
  }
  const seen = new Set();
  const one = disk(join(work, 'warm'), seen);
  const two = disk(join(work, 'again'), seen);
  const percent = ((100 * two.files) / one.files).toFixed(2);
  process.stderr.write(
    `files: first release ${one.files} bytes on disk, second ${two.files} more (${percent} %); folders: ${one.folders} and ${two.folders}\n`,
  );
  return [
    {ours: second, theirs: first},
    {ours: second, theirs: install},
  ];
}
