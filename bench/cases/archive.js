// Installed dependencies packed and unpacked. Ours does more each time: it hashes every file, writes a manifest of them with their
// digests, and has the disk keep the file; or it checks all of that, and refuses what is unsafe.
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

import {EXTRACT, PACK} from '../archive-programs.js';
import {needPrograms} from '../peers.js';
import {installedTree} from '../trees.js';

export default function archive({root, work}) {
  needPrograms(['tar', 'gzip', 'pigz'], 'apt-get install tar gzip pigz');
  return ['small', 'large'].flatMap((size) => rows(size, {root, work}));
}

function rows(size, {root, work}) {
  const tree = installedTree(size);
  const module = pathToFileURL(join(root, 'packages/archive/dist/index.js')).href;
  const node = (program, ...args) => [
    process.execPath,
    '--input-type=module',
    '-e',
    program,
    module,
    ...args,
  ];
  const shell = (line, ...args) => ['bash', '-c', line, 'bench', ...args];
  const at = (name) => join(work, `${size}-${name}`);
  const tar = 'tar cf - -C "$1" --sort=name --mtime=@0 --owner=0 --group=0 .';
  const packed = at('packed.tgz');
  const coldMemory = peakOf(node(PACK, tree, packed));
  peakOf(node(PACK, tree, packed, at('cache')));
  const warmMemory = peakOf(node(PACK, tree, packed, at('cache')));
  const cold = {name: `writeArchive, ${size}: ${coldMemory}`, command: node(PACK, tree, at('a.tgz'))};
  const warm = {
    name: `writeArchive, ${size}, cached: ${warmMemory}`,
    command: node(PACK, tree, at('a.tgz'), at('cache')),
  };
  const pigz = {name: 'tar | pigz -6', command: shell(`${tar} | pigz -6 > "$2"`, tree, at('b.tgz'))};
  const gzip = {name: 'tar | gzip -6', command: shell(`${tar} | gzip -6 > "$2"`, tree, at('b.tgz'))};
  const fresh = 'exec "${@:2}" "$(mktemp -d "$1/out.XXXXXX")"';
  const ours = (name, verified) => ({
    name: `${name}: ${peakOf(node(EXTRACT, packed, at(`peak-${verified}`), verified))}`,
    command: shell(
      'exec "${@:4}" "$2" "$(mktemp -d "$1/out.XXXXXX")" "$3"',
      work,
      packed,
      verified,
      ...node(EXTRACT),
    ),
  });
  const untar = {
    name: 'tar xz -m, owners and modes as they come',
    command: shell(fresh, work, 'tar', 'xzmf', packed, '--no-same-owner', '--no-same-permissions', '-C'),
  };
  return [
    {ours: cold, theirs: pigz},
    {ours: cold, theirs: gzip},
    {ours: warm, theirs: pigz},
    {ours: ours(`unpackTarball, ${size}`, ''), theirs: untar},
    {ours: ours(`extractArchive, ${size}, verified`, 'yes'), theirs: untar},
  ];
}

/** Runs it once: the most memory that it held. */
function peakOf([program, ...args]) {
  const {status, stdout, stderr} = spawnSync(program, args, {encoding: 'utf8'});
  if (status !== 0) throw new Error(stderr);
  return `${stdout.trim()} MiB`;
}
