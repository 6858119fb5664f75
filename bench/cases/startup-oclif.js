// A step that does nothing, on our command class and on oclif as npm installs it.
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

import {npmPeer} from '../peers.js';

export default function startupOclif({root, work}) {
  const {execPath: node} = process;
  const oclif = pathToFileURL(npmPeer('@oclif/core', '4.14.0', 'lib/index.js')).href;
  const folder = join(work, 'noop');
  mkdirSync(folder);
  const files = {
    'package.json': JSON.stringify({
      name: 'noop',
      version: '1.0.0',
      type: 'module',
      oclif: {bin: 'noop', commands: {strategy: 'single', target: './command.js'}},
    }),
    'command.js': `import oclif from '${oclif}';
export default class Noop extends oclif.Command {
  async run() {
    await this.parse(Noop);
  }
}
`,
    'run.js': `import oclif from '${oclif}';
await oclif.execute({dir: import.meta.url});
`,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const noop = join(root, 'packages/cli-kit/test/fixtures/cli/bin/fixture-noop.js');
  return [
    {
      ours: {name: 'a step that does nothing', command: [node, noop]},
      theirs: {name: 'the same on oclif', command: [node, join(folder, 'run.js')]},
    },
  ];
}
