import {realpathSync} from 'node:fs';
import {expect, test} from '@jest/globals';
import {createSink} from '@keelson/log-tagger';
import {testdir} from '@keelson/test-kit';

test('a fifo that was opened does not keep Node from resolving links', async () => {
  await using dir = await testdir({
    'node_modules/dep': {link: '../store/dep'},
    'store/dep/lib': {link: '../real'},
    'store/real/index.js': '',
  });
  const sink = createSink(`fifo:${dir.at('pipe')}`);
  await sink.open();
  try {
    expect(realpathSync(dir.at('node_modules/dep/lib/index.js'))).toBe(dir.at('store/real/index.js'));
  } finally {
    await sink.close();
  }
});
