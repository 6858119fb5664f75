import {
  appendFileSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {gunzipSync} from 'node:zlib';

import {describe, expect, test} from '@jest/globals';
import {createSink, listRotatedFiles, type SinkEvent, type SinkSpec} from '@keelson/log-tagger';
import {testdir, until} from '@keelson/test-kit';
import fc from 'fast-check';

const line = (index: number, length = 20) => `${`line ${index} `.padEnd(length - 1, '.')}\n`;
const lines = (from: number, to: number) =>
  Array.from({length: to - from}, (_, index) => line(from + index)).join('');

/** All that was ever written, oldest first. */
async function everything(path: string): Promise<string> {
  const texts = (await listRotatedFiles(path)).map((one) => {
    const bytes = readFileSync(one.path);
    return (one.gzip ? gunzipSync(bytes) : bytes).toString('latin1');
  });
  return [...texts, readFileSync(path, 'latin1')].join('');
}

async function writeAll(
  spec: SinkSpec | string,
  chunks: readonly string[],
  now?: () => number,
): Promise<void> {
  const sink = createSink(spec, {now});
  await sink.open();
  for (const chunk of chunks) await sink.write(chunk);
  await sink.close();
}

describe('a file', () => {
  test('is made with its directories, for its owner alone, and appended to', async () => {
    await using dir = await testdir({});
    const path = dir.at('a/b/app.log');
    await writeAll(`file:${path}`, ['one\n']);
    await writeAll(path, ['two\n', '\xff\x00\r\n']);
    expect(readFileSync(path, 'latin1')).toBe('one\ntwo\n\xff\x00\r\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dir.at('a')).mode & 0o777).toBe(0o700);
  });

  // mkdir's `recursive` never comes back from there.
  test('a directory that cannot be made is an error', async () => {
    const sink = createSink('file:/proc/keelson/none/app.log');
    await expect(sink.open()).rejects.toMatchObject({code: expect.stringMatching(/^(?:ENOENT|EACCES)$/)});
  });

  test('keeps its mode, or gets the one that is asked for', async () => {
    await using dir = await testdir({old: {mode: 0o644, content: ''}});
    await writeAll(dir.at('old'), ['x\n']);
    await writeAll(`file:${dir.at('new')}?mode=0640&size=3`, ['x\n', 'y\n']);
    expect(statSync(dir.at('old')).mode & 0o777).toBe(0o644);
    const modes = (await dir.list('.')).map((name) => statSync(dir.at(name)).mode & 0o777);
    expect(modes.sort((a, b) => a - b)).toEqual([0o640, 0o640, 0o644]);
  });

  test('that ends inside of a line gets its newline first', async () => {
    await using dir = await testdir({log: 'torn by a ki'});
    await writeAll(dir.at('log'), ['whole\n']);
    expect(await dir.read('log')).toBe('torn by a ki\nwhole\n');
  });

  test.each([
    ['removed', (path: string) => rmSync(path)],
    ['removed with its directory', (path: string) => rmSync(path.replace(/\/log$/, ''), {recursive: true})],
    ['put away by somebody else', (path: string) => renameSync(path, `${path}.1`)],
    [
      'put away and made anew by somebody else',
      (path: string) => {
        renameSync(path, `${path}.1`);
        writeFileSync(path, '');
      },
    ],
  ])('%s: the name is followed with the next write', async (_title, vanish) => {
    await using dir = await testdir({'sub/': ''});
    const path = dir.at('sub/log');
    const sink = createSink(path);
    await sink.open();
    await sink.write('before\n');
    vanish(path);
    await sink.write('after\n');
    await sink.close();
    expect(readFileSync(path, 'utf8')).toBe('after\n');
  });

  test('cut short by somebody else (copytruncate) is not padded', async () => {
    await using dir = await testdir({});
    const sink = createSink(dir.at('log'));
    await sink.open();
    await sink.write('before\n');
    writeFileSync(dir.at('log'), '');
    await sink.write('after\n');
    await sink.close();
    expect(await dir.read('log')).toBe('after\n');
  });

  test('reopened: what was written is in the old file, what comes in the new one', async () => {
    await using dir = await testdir({});
    const sink = createSink(dir.at('log'));
    await sink.open();
    await sink.write('old\n');
    renameSync(dir.at('log'), dir.at('log.1'));
    await sink.reopen!();
    expect(readdirSync(dir.path).sort()).toEqual(['log', 'log.1']);
    await sink.write('new\n');
    await sink.close();
    expect([await dir.read('log.1'), await dir.read('log')]).toEqual(['old\n', 'new\n']);
  });

  test('a storm of reopens under load loses and doubles nothing', async () => {
    await using dir = await testdir({});
    const sink = createSink(dir.at('log'));
    await sink.open();
    const reopening: Promise<void>[] = [];
    let old = 0;
    for (let index = 0; index < 400; index++) {
      const writing = sink.write(lines(index * 50, index * 50 + 50));
      if (index % 3 === 0) {
        try {
          renameSync(dir.at('log'), dir.at(`log.${String(old).padStart(4, '0')}`));
          old++;
        } catch {
          // the reopen before has not come so far
        }
        reopening.push(sink.reopen!(), sink.reopen!());
      }
      await writing;
    }
    await Promise.all(reopening);
    await sink.close();
    expect(old).toBeGreaterThan(50);
    const names = readdirSync(dir.path).filter((name) => name !== 'log');
    const all = [...names.sort(), 'log'].map((name) => readFileSync(dir.at(name), 'utf8')).join('');
    expect(all === lines(0, 400 * 50)).toBe(true);
  });

  test('a device is written to, and never rotated', async () => {
    await writeAll('file:/dev/null?size=10', [lines(0, 100)]);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('a directory in its place is told', async () => {
    await using dir = await testdir({'log/': ''});
    await expect(createSink(dir.at('log')).open()).rejects.toMatchObject({code: 'EISDIR'});
  });
});

describe('rotation', () => {
  test('by size: no line lost, doubled or torn, no file too large, for any lines and chunks', async () => {
    const anyLine = fc
      .array(fc.integer({min: 0, max: 255}), {maxLength: 40})
      .map((bytes) => `${String.fromCharCode(...bytes).replaceAll('\n', 'n')}\n`);
    const chunks = fc.array(fc.array(anyLine, {minLength: 1, maxLength: 12}), {maxLength: 20});
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({min: 1, max: 200}), async (parts, size) => {
        await using dir = await testdir({});
        const path = dir.at('log');
        await writeAll(
          {kind: 'file', path, size, keep: 1000},
          parts.map((part) => part.join('')),
        );
        expect(await everything(path)).toBe(parts.flat().join(''));
        for (const one of [...(await listRotatedFiles(path)), {path}]) {
          const text = readFileSync(one.path, 'latin1');
          const newlines = text.split('\n').length - 1;
          expect(text === '' || text.endsWith('\n')).toBe(true);
          expect(text.length <= size || newlines === 1).toBe(true);
        }
      }),
      {numRuns: 60},
    );
  });

  test('24 hours, a line each second, by the hour and by size', async () => {
    await using dir = await testdir({});
    const path = dir.at('log');
    let time = Date.UTC(2026, 0, 1);
    const sink = createSink(
      {kind: 'file', path, every: 3_600_000, size: 40_000, keep: 100},
      {now: () => time},
    );
    await sink.open();
    const start = time;
    for (let second = 0; second < 86_400; second += 10) {
      // Ten at once keep the test short; a batch never spans two hours.
      const batch = Array.from({length: 10}, (_, index) => line(second + index)).join('');
      time = start + second * 1000;
      await sink.write(batch);
    }
    await sink.close();
    const rotated = await listRotatedFiles(path);
    // 72 000 bytes an hour in files of at most 40 000: one rotation inside of each hour, 23 between them.
    expect(rotated).toHaveLength(24 + 23);
    expect(await everything(path)).toBe(lines(0, 86_400));
    for (const {path: one} of rotated) {
      const seconds = [...readFileSync(one, 'utf8').matchAll(/line (\d+)/g)].map((match) => Number(match[1]));
      expect(new Set(seconds.map((second) => Math.floor(second / 3600))).size).toBe(1);
    }
  });

  test('by the day, over restarts, and never when the clock goes back', async () => {
    await using dir = await testdir({});
    const path = dir.at('log');
    const day = 86_400_000;
    const noon = Date.UTC(2040, 0, 1, 12); // after any mtime of today
    await writeAll(`${path}?every=1d`, ['one\n', 'two\n'], () => noon);
    await writeAll(`${path}?every=1d`, ['three\n'], () => noon + 1000); // the file is from today, that is years ago
    let time = noon + 1000;
    const sink = createSink(`${path}?every=1d`, {now: () => time});
    await sink.open();
    await sink.write('four\n');
    time = noon - day;
    await sink.write('five\n');
    time = noon + day / 2; // midnight
    await sink.write('six\n');
    await sink.close();
    const rotated = await listRotatedFiles(path);
    expect(rotated.map((one) => readFileSync(one.path, 'utf8'))).toEqual([
      'one\ntwo\n',
      'three\n',
      'four\nfive\n',
    ]);
    expect(await dir.read('log')).toBe('six\n');
  });

  test('names go up, also when the clock goes back or stands still', async () => {
    await using dir = await testdir({});
    let time = Date.UTC(2026, 0, 1);
    await writeAll(
      `${dir.at('log')}?size=1&keep=100`,
      Array.from({length: 20}, (_, index) => line(index)),
      () => (time -= 1),
    );
    expect(await everything(dir.at('log'))).toBe(lines(0, 20));
  });

  test('retention by count, and by bytes; the oldest go first, and nothing else goes', async () => {
    await using dir = await testdir({
      'log.1': 'not ours',
      'log.20260101T000000.000Z.bak': 'nor this',
      'log2.20260101T000000.000Z': '-',
    });
    const others = await dir.list();
    const parts = Array.from({length: 30}, (_, index) => line(index));
    const sink = createSink(`${dir.at('log')}?size=20&keep=4`);
    await sink.open();
    for (const part of parts) await sink.write(part);
    await until(async () => (await listRotatedFiles(dir.at('log'))).length === 4);
    await sink.close();
    expect(await everything(dir.at('log'))).toBe(lines(25, 30));
    const small = createSink(`${dir.at('log')}?size=20&max=50`);
    await small.open();
    await until(async () => (await listRotatedFiles(dir.at('log'))).length === 2);
    await small.close();
    expect(await everything(dir.at('log'))).toBe(lines(27, 30));
    expect((await dir.list()).filter((name) => others.includes(name))).toEqual(others);
  });

  test('that is impossible is told once, and the file grows on', async () => {
    await using dir = await testdir({});
    const events: SinkEvent[] = [];
    const path = dir.at('n'.repeat(250)); // too long for a time behind it
    const sink = createSink(`${path}?size=100`, {onEvent: (event) => events.push(event)});
    await sink.open();
    for (let index = 0; index < 20; index++) await sink.write(line(index));
    await sink.close();
    expect(readFileSync(path, 'utf8')).toBe(lines(0, 20));
    expect(events).toEqual([
      {type: 'log-tagger:rotation-failed', sink: path, because: expect.stringContaining('ENAMETOOLONG')},
    ]);
  });

  test('of what a link points to renames the file and not the link', async () => {
    await using dir = await testdir({'data/': ''});
    symlinkSync(dir.at('data/log'), dir.at('log'));
    await writeAll(`${dir.at('log')}?size=25`, [line(0)]);
    await writeAll(`${dir.at('log')}?size=25`, [line(1), line(2)]);
    expect(await dir.read('log')).toBe(line(2));
    expect(await everything(dir.at('data/log'))).toBe(lines(0, 3));
  });

  test('gzip in the background, and what was left by a killed process', async () => {
    const stamp = 'log.20260101T000000.';
    await using dir = await testdir({
      [`${stamp}000Z`]: lines(0, 5000), // compressed before, but not removed yet
      [`${stamp}000Z.gz`]: 'whatever',
      [`${stamp}001Z`]: lines(5000, 5100),
      [`${stamp}001Z.gz.999999999-1.part`]: 'half',
      [`${stamp}002Z`]: '', // a name that was taken, and not used
    });
    const sink = createSink(`${dir.at('log')}?size=2000&gzip&keep=100`);
    await sink.open();
    await sink.write(lines(5100, 5300));
    const plain = async () =>
      (await listRotatedFiles(dir.at('log'))).filter((one) => !one.gzip && one.bytes > 0);
    await until(async () => (await plain()).length === 0, {timeoutMs: 20_000});
    await sink.close();
    expect(await everything(dir.at('log'))).toBe(lines(0, 5300));
    expect((await dir.list()).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('two writers of one file: each follows the other', async () => {
    await using dir = await testdir({});
    const spec = {kind: 'file', path: dir.at('log'), size: 2000, keep: 1000} as const;
    const [a, b] = [createSink(spec), createSink(spec)];
    await Promise.all([a.open(), b.open()]);
    const write = async (sink: typeof a, name: string) => {
      for (let index = 0; index < 300; index++) await sink.write(`${name} ${index}\n${name} ${index} too\n`);
    };
    await Promise.all([write(a, 'a'), write(b, 'b')]);
    await Promise.all([a.close(), b.close()]);
    const all = (await everything(dir.at('log'))).split('\n');
    expect(all.pop()).toBe('');
    for (const name of ['a', 'b'])
      expect(all.filter((one) => one.startsWith(name)).join('\n')).toBe(
        Array.from({length: 300}, (_, index) => `${name} ${index}\n${name} ${index} too`).join('\n'),
      );
  });

  test('a second program that appends counts for the size', async () => {
    await using dir = await testdir({});
    const sink = createSink(`${dir.at('log')}?size=100`);
    await sink.open();
    await sink.write(line(0));
    appendFileSync(dir.at('log'), lines(1, 5));
    await sink.write(line(5));
    await sink.close();
    expect(await dir.read('log')).toBe(line(5));
    expect(await everything(dir.at('log'))).toBe(lines(0, 6));
  });
});
