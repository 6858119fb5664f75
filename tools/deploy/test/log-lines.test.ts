import {appendFile, rm, writeFile} from 'node:fs/promises';
import {createInterface} from 'node:readline';
import {PassThrough} from 'node:stream';
import {text} from 'node:stream/consumers';
import {describe, expect, test} from '@jest/globals';
import {createSink} from '@keelson/log-tagger';
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

const numbered = (from: number, to: number) =>
  Array.from({length: to - from}, (_, index) => `line ${from + index}\n`).join('');
const long = numbered(0, 20_000);

describe('copyLogLines', () => {
  test.each([
    ['the last two', 'a\nb\nc\n', 2, 'b\nc\n'],
    ['all when there are fewer', 'a\nb\n', 5, 'a\nb\n'],
    ['none', 'a\nb\n', 0, ''],
    ['of an empty log', '', 3, ''],
    ['empty lines count', 'a\n\n\n', 2, '\n\n'],
    ['the last one is not ended', 'a\nb\nc', 2, 'b\nc'],
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

  test.each([1, 10, 300, 700, 5000])('the last %i lines over rotated files', async (lines) => {
    await using dir = await testdir({});
    const sink = createSink(`${dir.path}/app.log?size=600`);
    await sink.open();
    await sink.write(numbered(0, 900));
    await sink.close();
    const to = new PassThrough();
    const read = text(to);
    await copyLogLines(`${dir.path}/app.log`, to, {lines});
    to.end();
    // The oldest of 11 files were removed.
    const kept = (await dir.list()).sort((a, b) =>
      a === 'app.log' ? 1 : b === 'app.log' ? -1 : a.localeCompare(b),
    );
    const all = (await Promise.all(kept.map((name) => dir.read(name)))).join('');
    expect(kept).toHaveLength(11);
    expect(await read).toBe(
      all
        .split(/(?<=\n)/)
        .slice(-lines)
        .join(''),
    );
  });

  test('follows over rotations, at full speed and slowly, without losing or doubling a line', async () => {
    await using dir = await testdir({});
    const path = `${dir.path}/app.log`;
    const sink = createSink(`${path}?size=2000&keep=1000`);
    await sink.open();
    await sink.write('line 0\n');
    const to = new PassThrough();
    const stop = new AbortController();
    const done = copyLogLines(path, to, {lines: 1, follow: true, signal: stop.signal});
    const lines = createInterface({input: to})[Symbol.asyncIterator]();
    const expectLines = async (from: number, end: number) => {
      const came: string[] = [];
      for (let index = from; index < end; index++) came.push((await lines.next()).value as string);
      expect(came.join('\n')).toBe(numbered(from, end).trimEnd());
    };
    await expectLines(0, 1);
    for (let from = 1; from < 3000; from += 100) await sink.write(numbered(from, from + 100));
    await expectLines(1, 3001);
    for (let index = 3001; index < 3300; index++) {
      await sink.write(numbered(index, index + 1));
      await expectLines(index, index + 1);
    }
    await sink.close();
    stop.abort();
    await done;
  });

  test('a log that was removed and made again by hand is followed, and not told again', async () => {
    await using dir = await testdir({'app.log': 'old\n', 'app.log.20260101T000000.000Z': 'very old\n'});
    const to = new PassThrough();
    const stop = new AbortController();
    const done = copyLogLines(`${dir.path}/app.log`, to, {lines: 1, follow: true, signal: stop.signal});
    const lines = createInterface({input: to})[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('old');
    await rm(`${dir.path}/app.log`);
    await writeFile(`${dir.path}/app.log`, 'new\n');
    expect((await lines.next()).value).toBe('new');
    stop.abort();
    await done;
  });
});
