// `npm pack` with bundled dependencies, the only way npm has to carry an app with what it needs. It takes minutes: -n 2 will do.
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

import {PACK} from '../archive-programs.js';
import {installedTree} from '../trees.js';

export default function archiveNpm({root, work}) {
  const tree = installedTree('small');
  const module = pathToFileURL(join(root, 'packages/archive/dist/index.js')).href;
  const node = [process.execPath, '--input-type=module', '-e', PACK, module, tree, join(work, 'a.tgz')];
  return [
    {
      ours: {name: 'writeArchive, small', command: node},
      theirs: {
        name: 'npm pack, all bundled',
        command: ['npm', 'pack', '--ignore-scripts', '--pack-destination', work],
        cwd: tree,
      },
    },
  ];
}
