import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createWriteStream} from 'node:fs';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {createTagger} from '@keelson/log-tagger';
import {bin, launchBin, packageRoot, runBin, testdir} from '@keelson/test-kit';

const TAG = bin('log-tagger');
const fixture = (name: string) => join(packageRoot(import.meta.url), 'test/fixtures', name);
const tag = (...argv: string[]) => runBin(TAG, ['--timestamps', 'none', ...argv]);

test('four processes at once: no line lost, none torn, order kept', async () => {
  await using dir = await testdir({});
  const sink = createWriteStream(dir.at('log'));
  const tagger = createTagger({sink, timestamps: 'none'});
  const count = 20_000;
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(
    names.map(async (name) => {
      const child = spawn(process.execPath, [fixture('lines.mjs'), name, `${count}`]);
      await Promise.all([
        tagger.attach({tag: name, stream: child.stdout}),
        tagger.attach({tag: name, stream: child.stderr, kind: 'err'}),
      ]);
    }),
  );
  await tagger.close();
  sink.end();
  await once(sink, 'close');
  const lines = (await dir.read('log')).split('\n');
  expect(lines.pop()).toBe('');
  const next = new Map(names.map((name) => [name, 0]));
  const wrong = lines.filter((line) => {
    const name = line[0]!;
    const index = next.get(name)!;
    next.set(name, index + 1);
    return line !== `${name} ${`${name} ${index} é`.padEnd(98, '.')}`;
  });
  expect(wrong).toEqual([]);
  expect([...next.values()]).toEqual([count, count, count, count]);
});

describe('a command', () => {
  test('both streams, its exit code, its words untouched', async () => {
    const script = 'echo "$0 $*"; echo problem >&2; printf tail; exit 7';
    const {code, stdout, stderr} = await tag('sh', '-c', script, '--tag', '-x', '--help');
    expect({code, stderr}).toEqual({code: 7, stderr: ''});
    expect(stdout.split('\n').sort()).toEqual(['', 'sh --tag -x --help', 'sh problem', 'sh tail']);
  });

  test('killed by a signal: 128 + n', async () => {
    expect(await tag('-t', 'x', '--', 'sh', '-c', 'echo a; kill -9 $$')).toMatchObject({
      code: 137,
      stdout: 'x a\n',
    });
  });

  test('reads our stdin', async () => {
    expect((await runBin(TAG, ['--timestamps', 'none', 'cat'], {input: 'a\nb'})).stdout).toBe(
      'cat a\ncat b\n',
    );
  });

  test('that does not read it ends all the same', async () => {
    expect((await runBin(TAG, ['true'], {input: 'x'.repeat(1_000_000)})).code).toBe(0);
  });

  test('json tells the streams apart', async () => {
    const {stdout} = await runBin(TAG, ['--format', 'json', 'sh', '-c', 'echo out; echo err >&2']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual({tag: 'sh', time: expect.any(String), msg: 'out'});
    expect(lines).toContainEqual({tag: 'sh', time: expect.any(String), stream: 'err', msg: 'err'});
  });

  test('that is not there: a message, not a stack trace', async () => {
    const {code, stderr} = await tag('there-is-no-such-command');
    expect(code).toBe(1);
    expect(stderr).toContain('there-is-no-such-command');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('a tag with a newline is refused', async () => {
    expect(await tag('--tag', 'a\nb', 'true')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('control characters'),
    });
  });

  test('SIGTERM is passed on, and its last words are shown', async () => {
    await using running = launchBin(TAG, ['-t', 'x', process.execPath, fixture('bye.mjs')]);
    await running.line('x ready');
    running.kill('SIGTERM');
    expect(await running.exited).toEqual({code: 3, signal: null});
    expect(running.stdout).toContain('x bye\n');
  });

  test('a reader that goes away stops it', async () => {
    const pipe = spawn('sh', [
      '-c',
      '{ "$0" "$1" sh -c "while :; do echo y; done"; echo "code $?" >&2; } | head -n 1',
      process.execPath,
      TAG,
    ]);
    const stderr: Buffer[] = [];
    pipe.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    await once(pipe, 'close');
    expect(Buffer.concat(stderr).toString()).toBe('code 141\n');
  });
});

describe('stdin', () => {
  test('to its end', async () => {
    expect(await runBin(TAG, ['--timestamps', 'none', '--tag', 'é'], {input: 'a\n\nb'})).toMatchObject({
      code: 0,
      stdout: 'é a\né \né b\n',
    });
    expect((await runBin(TAG, [], {input: 'a'})).stdout).toMatch(/^\d{4}-\S+Z a\n$/);
  });

  test('a signal waits for the end of the input', async () => {
    await using running = launchBin(TAG, ['--timestamps', 'none', '-t', 'x']);
    running.stdin.write('a\n');
    await running.line('x a');
    running.kill('SIGINT');
    running.stdin.write('b\nlast wo');
    await running.line('x b'); // what came after the signal is out, so the signal has been seen too
    running.stdin.end('rds');
    expect(await running.exited).toEqual({code: 130, signal: null});
    expect(running.stdout).toBe('x a\nx b\nx last words\n');
  });

  test('a second signal does not', async () => {
    await using running = launchBin(TAG, ['--timestamps', 'none', '-t', 'x']);
    running.stdin.write('a\n');
    await running.line('x a');
    running.kill('SIGINT');
    running.kill('SIGTERM');
    expect((await running.exited).code).toBeGreaterThan(128);
  });

  test('no --json: stdout holds the lines', async () => {
    expect((await runBin(TAG, ['--json'], {input: 'a'})).code).toBe(2);
  });
});
