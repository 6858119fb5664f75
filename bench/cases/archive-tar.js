// The tar alone, without compression: our block writer, which also hashes every file and writes a manifest, against tar-stream, which
// does neither, with the same synchronous reads, and GNU tar.
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

import {PACK, TAR_STREAM} from '../archive-programs.js';
import {needPrograms, npmPeer} from '../peers.js';
import {installedTree} from '../trees.js';

export default function archiveTar({root, work}) {
  needPrograms(['tar'], 'apt-get install tar');
  const tree = installedTree('large');
  const module = pathToFileURL(join(root, 'packages/archive/dist/index.js')).href;
  const tarStream = pathToFileURL(npmPeer('tar-stream', '3.2.2', 'index.js')).href;
  const node = (program, ...args) => [process.execPath, '--input-type=module', '-e', program, ...args];
  const ours = {name: 'writeArchive, large, .tar', command: node(PACK, module, tree, join(work, 'a.tar'))};
  return [
    {
      ours,
      theirs: {
        name: 'tar-stream, sync reads',
        command: node(TAR_STREAM, tarStream, tree, join(work, 'b.tar')),
      },
    },
    {
      ours,
      theirs: {
        name: 'tar, sorted',
        command: ['tar', 'cf', join(work, 'c.tar'), '-C', tree, '--sort=name', '.'],
      },
    },
  ];
}
