import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {createSink} from '@keelson/log-tagger';
import {packageRoot} from '@keelson/test-kit';

import {canMount} from './small-disk.ts';

const FIXTURES = join(packageRoot(import.meta.url), 'test/fixtures');
// A second journald beside the machine's own would fight over the kernel's messages.
const possible =
  canMount() && existsSync('/lib/systemd/systemd-journald') && !existsSync('/run/systemd/system');
const describeJournald = possible ? describe : describe.skip;

describeJournald('journald (needs root, systemd-journald, and no systemd that runs)', () => {
  test('each line with its priority and our identifier', () => {
    const script = [join(FIXTURES, 'journald.sh'), process.execPath, join(FIXTURES, 'send-lines.mjs')];
    const lines = ['hello', '{"level":50}', '<7>quiet', 'x'.repeat(10_000), 'the last'];
    const output = execFileSync(
      'sh',
      ['-c', 'exec unshare --mount sh "$0" "$@"', ...script, 'journald:?app=shop', ...lines],
      {
        encoding: 'utf8',
        env: {...process.env, NODE_OPTIONS: ''},
        timeout: 30_000,
      },
    );
    const entries = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map(({PRIORITY, MESSAGE}) => [PRIORITY, MESSAGE]);
    expect(entries).toEqual([
      ['6', 'web.1 hello'],
      ['3', 'web.1 {"level":50}'],
      ['7', 'web.1 <7>quiet'],
      ['6', `web.1 ${'x'.repeat(10_000)}`],
      ['6', 'web.1 the last'],
    ]);
  });
});

test('no journal: open says so', async () => {
  if (existsSync('/run/systemd/journal/stdout')) return;
  const sink = createSink('journald:');
  await expect(sink.open()).rejects.toMatchObject({code: expect.stringMatching(/EPIPE|ENOENT/)});
  await sink.close();
});
