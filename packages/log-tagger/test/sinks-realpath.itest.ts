import {realpathSync} from 'node:fs';
import {expect, test} from '@jest/globals';
import {createSink} from '@keelson/log-tagger';
import {testdir} from '@keelson/test-kit';

test('a fifo that was opened does not keep Node from resolving links', async () => {
  await using dir = await testdir({'store/dep/index.js': '', 'node_modules/dep': {link: '../store/dep'}});
  // Node remembers paths that are no links, and looks at the last stat when it meets one of those again.
  realpathSync(dir.at('store'));
  const sink = createSink(`fifo:${dir.at('pipe')}`);
  await sink.open();
  try {
    expect(realpathSync(dir.at('node_modules/dep/index.js'))).toBe(dir.at('store/dep/index.js'));
  } finally {
    await sink.close();
  }
});
