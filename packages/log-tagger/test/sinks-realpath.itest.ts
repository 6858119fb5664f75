import {execFileSync} from 'node:child_process';
import {expect, test} from '@jest/globals';
import {testdir} from '@keelson/test-kit';

// Node's module loader remembers which folders are no links, and looks at the last stat of anybody when it meets one again.
const PROGRAM = `
const {createRequire} = require('node:module');
(async () => {
  const load = createRequire(process.argv[1] + '/app.js');
  load('one');
  const {createSink} = await import('@keelson/log-tagger');
  const sink = createSink('fifo:' + process.argv[1] + '/pipe');
  await sink.open();
  console.log(load('two'));
  await sink.close();
})();
`;

test('a fifo that was opened does not keep Node from resolving the links of pnpm', async () => {
  await using dir = await testdir({
    'node_modules/one': {link: '../store/one/node_modules/one'},
    'node_modules/two': {link: '../store/two/node_modules/two'},
    'store/one/node_modules/one/index.js': '',
    'store/two/node_modules/two/index.js': "module.exports = require('below');",
    'store/two/node_modules/below/index.js': "module.exports = 'found';",
  });
  const args = ['-e', PROGRAM, '--', dir.path];
  const printed = execFileSync(process.execPath, args, {cwd: import.meta.dirname, encoding: 'utf8'});
  expect(printed).toBe('found\n');
});
