// An installed dependency tree packed and unpacked. Ours does more each time: it hashes every file, writes or checks a manifest of
// them, and refuses what is unsafe.
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

import {needPrograms, npmPeer} from '../peers.js';

const PACK = `
const [module, dir, to] = process.argv.slice(1);
const {runtimeFacts, writeArchive} = await import(module);
const facts = {
  name: 'bench', version: '1.0.0', source: {}, builder: 'bench', node: runtimeFacts(), packageManager: {name: 'npm'},
  scripts: [], processTypes: [], required: [], addons: [],
};
await writeArchive(dir, {facts, to});
`;

export default function archive({root, work}) {
  needPrograms(['tar', 'gzip'], 'apt-get install tar gzip');
  const {execPath: node} = process;
  // Some 225 packages, 11 000 files, 100 MB.
  const tree = join(npmPeer('@nestjs/cli', '11.0.10', 'package.json'), '../../..');
  const module = pathToFileURL(join(root, 'packages/archive/dist/index.js')).href;
  const program = join(root, 'packages/archive/bin/keelson-archive.js');
  const packed = join(work, 'ours.tgz');
  const pack = (to) => [node, '--input-type=module', '-e', PACK, module, tree, join(work, to)];
  const shell = (line, ...args) => ['bash', '-c', line, 'bench', ...args];
  const {status, stderr} = spawnSync(node, pack('ours.tgz').slice(1), {encoding: 'utf8'});
  if (status !== 0) throw new Error(stderr);

  const ours = {name: 'writeArchive, .tgz', command: pack('a.tgz')};
  const gzip = 'tar cf - -C "$1" --sort=name --mtime=@0 --owner=0 --group=0 . | gzip -6 > "$2"';
  const newFolder = 'cd "$1" && exec "${@:2}" "$(mktemp -d out.XXXXXX)"';
  return [
    {ours, theirs: {name: 'tar | gzip -6', command: shell(gzip, tree, join(work, 'b.tgz'))}},
    {
      ours: {name: 'writeArchive, .tar', command: pack('a.tar')},
      theirs: {
        name: 'tar',
        command: ['tar', 'cf', join(work, 'b.tar'), '-C', tree, '--sort=name', '.'],
      },
    },
    {
      ours: {
        name: 'keelson-archive extract',
        command: shell(newFolder, work, node, program, 'extract', packed),
      },
      theirs: {
        name: 'tar xzf',
        command: shell(newFolder, work, 'tar', 'xzmf', packed, '--no-same-owner', '-C'),
      },
    },
  ];
}
