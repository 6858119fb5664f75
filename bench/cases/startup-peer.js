// The same two things asked of us and of node-foreman.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {npmPeer} from '../peers.js';

export default function startupPeer({root, work}) {
  const {execPath: node} = process;
  const keelson = join(root, 'tools/keelson/bin/keelson.js');
  const nf = npmPeer('foreman', '3.0.1', 'nf.js');
  writeFileSync(join(work, 'Procfile'), 'web: node server.js\nworker: node worker.js\n');
  return [
    {
      ours: {name: 'keelson --version', command: [node, keelson, '--version']},
      theirs: {name: 'nf --version', command: [node, nf, '--version']},
    },
    {
      ours: {name: 'keelson procfile check', command: [node, keelson, 'procfile', 'check'], cwd: work},
      theirs: {name: 'nf check', command: [node, nf, 'check'], cwd: work},
    },
  ];
}
