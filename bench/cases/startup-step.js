// What a command costs that parses its flags and runs one step. Target for a step that does nothing: at most 1.9 × the bare interpreter.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

export default function startupStep({root, work}) {
  const {execPath: node} = process;
  const nothing = {name: 'node -e 0', command: [node, '-e', '0']};
  const noop = join(root, 'packages/cli-kit/test/fixtures/cli/bin/fixture-noop.js');
  const keelson = join(root, 'tools/keelson/bin/keelson.js');
  writeFileSync(join(work, 'Procfile'), 'web: node server.js\nworker: node worker.js\n');
  return [
    {ours: {name: 'a step that does nothing', command: [node, noop]}, theirs: nothing},
    {
      ours: {name: 'keelson procfile check', command: [node, keelson, 'procfile', 'check'], cwd: work},
      theirs: nothing,
    },
    {ours: {name: 'keelson --help', command: [node, keelson, '--help']}, theirs: nothing},
  ];
}
