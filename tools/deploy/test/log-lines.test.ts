import {appendFile} from 'node:fs/promises';
import {createInterface} from 'node:readline';
import {PassThrough} from 'node:stream';
import {text} from 'node:stream/consumers';
import {describe, expect, test} from '@jest/globals';
import {testdir} from '@keelson/test-kit';
import {copyLogLines} from '../dist/log-lines.js';

async function lastLines(content: string, lines: number): Promise<string> {
  await using dir = await testdir({'app.log': content});
  const to = new PassThrough();
  const read = text(to);
  await copyLogLines(`${dir.path}/app.log`, to, {lines});
  to.end();
  return read;
}

const long = Array.from({length: 20_000}, (_, index) => `line ${index}\n`).join('');

describe('copyLogLines', () => {
  test.each([
    ['the last two', 'a\nb\nc\n', 2, 'b\nc\n'],
    ['all when there are fewer', 'a\nb\n', 5, 'a\nb\n'],
    ['none', 'a\nb\n', 0, ''],
    ['of an empty log', '', 3, ''],
    ['empty lines count', 'a\n\n\n', 2, '\n\n'],
    ['over the border of a block', long, 15_000, long.slice(long.indexOf('line 5000\n'))],
  ])('%s', async (_title, content, lines, expected) => {
    expect(await lastLines(content, lines)).toBe(expected);
  });

  test('a missing log is empty', async () => {
    await using dir = await testdir({});
    await expect(copyLogLines(`${dir.path}/none`, new PassThrough())).resolves.toBeUndefined();
  });

  test('follows what is appended until the signal', async () => {
    await using dir = await testdir({'app.log': 'old\n'});
    const to = new PassThrough();
    const stop = new AbortController();
    const done = copyLogLines(`${dir.path}/app.log`, to, {lines: 1, follow: true, signal: stop.signal});
    const lines = createInterface({input: to})[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('old');
    await appendFile(`${dir.path}/app.log`, 'new\n');
    expect((await lines.next()).value).toBe('new');
    stop.abort();
    await done;
  });
});
