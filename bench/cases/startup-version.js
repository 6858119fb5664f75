// What a command costs before it does anything. Target: at most 1.35 × the bare interpreter.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

export default function startupVersion({root, work}) {
  const {execPath: node} = process;
  const nothing = {name: 'node -e 0', command: [node, '-e', '0']};
  const empty = join(work, 'empty.mjs');
  writeFileSync(empty, '');
  const keelson = join(root, 'tools/keelson/bin/keelson.js');
  return [
    // The floor of anything written as an ES module.
    {ours: {name: 'an empty ES module', command: [node, empty]}, theirs: nothing},
    {ours: {name: 'keelson --version', command: [node, keelson, '--version']}, theirs: nothing},
  ];
}
