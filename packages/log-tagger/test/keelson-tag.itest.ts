import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, createWriteStream, fstatSync, openSync} from 'node:fs';
import {readdir, rename} from 'node:fs/promises';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {createTagger} from '@keelson/log-tagger';
import {alive, bin, launchBin, packageRoot, runBin, testdir, until} from '@keelson/test-kit';

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
    // It is not even started.
    expect(await tag('--tag', 'a\nb', 'sh', '-c', 'echo started >&2; sleep 100')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: .*control characters/),
    });
  });

  test('SIGTERM is passed on, and its last words are shown', async () => {
    await using running = launchBin(TAG, ['-t', 'x', process.execPath, fixture('bye.mjs')]);
    await running.line('x ready');
    running.kill('SIGTERM');
    expect(await running.exited).toEqual({code: 3, signal: null});
    expect(running.stdout).toContain('x bye\n');
  });

  test.each(['SIGINT', 'SIGHUP', 'SIGTERM'] as const)('%s reaches it as what it is', async (name) => {
    const script =
      'for (const name of ["SIGINT", "SIGHUP", "SIGTERM"]) process.on(name, () => { console.log("got", name); process.exit(7); }); setInterval(() => {}, 1000); console.log("ready")';
    await using running = launchBin(TAG, ['--timestamps', 'none', '-t', 'x', process.execPath, '-e', script]);
    await running.line('x ready');
    running.kill(name);
    expect(await running.exited).toEqual({code: 7, signal: null});
    expect(running.stdout).toBe(`x ready\nx got ${name}\n`);
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
    await until(() => {
      running.kill('SIGTERM'); // the first ones are taken for echoes
      return !alive(running.pid);
    });
    expect(await running.exited).toEqual({code: 143, signal: null});
  });

  test('a bad tag: nobody waits for the end of the input', async () => {
    await using running = launchBin(TAG, ['--tag', 'a\nb']);
    expect(await running.exited).toEqual({code: 2, signal: null});
    expect(running.stderr).toContain('control characters');
  });

  test.each([
    ['a directory', '"$0" "$1" <.', 'EISDIR'],
    ['open for writing alone', '"$0" "$1" 0>file', 'EBADF'],
  ])('%s: that it cannot be read is no end', async (_title, script, says) => {
    await using dir = await testdir({});
    const run = spawnSync('sh', ['-c', script, process.execPath, TAG], {cwd: dir.path, encoding: 'utf8'});
    expect({status: run.status, stderr: run.stderr}).toEqual({
      status: 1,
      stderr: expect.stringMatching(new RegExp(`^error: the input cannot be read: ${says}`)),
    });
  });

  test('SIGUSR1 with nothing to open again: no debugger, no end', async () => {
    await using running = launchBin(TAG, ['--timestamps', 'none', '-t', 'x']);
    running.stdin.write('a\n');
    await running.line('x a');
    running.kill('SIGUSR1');
    running.kill('SIGINT');
    running.stdin.write('b\n');
    await running.line('x b');
    running.stdin.end();
    expect(await running.exited).toEqual({code: 130, signal: null});
    expect(running.stderr).toBe('');
  });

  test('SIGUSR2 shows lines of every level, the next one those of --level again', async () => {
    await using running = launchBin(TAG, ['--timestamps', 'none', '-t', 'x', '--level', 'warn']);
    running.stdin.write('DEBUG 1\nready\n');
    await running.line('x ready');
    // A signal is heard at some time: then the lines after it change.
    const until = async (line: string, shown: boolean) => {
      for (let index = 0; ; index++) {
        running.stdin.write(`${line}\nmark ${index} ${line}\n`);
        await running.line(`x mark ${index} ${line}`);
        if (running.stdout.includes(`x ${line}\nx mark ${index} ${line}\n`) === shown) return;
      }
    };
    running.kill('SIGUSR2');
    await until('DEBUG 2', true);
    running.kill('SIGUSR2');
    await until('INFO 3', false);
    running.stdin.end('DEBUG 4\nERROR 5\n');
    expect(await running.exited).toEqual({code: 0, signal: null});
    expect(running.stdout).not.toMatch(/DEBUG [14]/);
    expect(running.stdout).toMatch(/x ERROR 5\n$/);
  });

  test('no --json: stdout holds the lines', async () => {
    expect((await runBin(TAG, ['--json'], {input: 'a'})).code).toBe(2);
  });
});

describe('what it does to lines', () => {
  test('tags, fields, and the pid of the command', async () => {
    const {stdout} = await tag(
      '-t',
      'web.1',
      '-t',
      'eu',
      '-f',
      'a=b=c',
      '-f',
      'd=',
      '--pid',
      'sh',
      '-c',
      'echo $$',
    );
    const [, pid, last] = /^web\.1 eu pid=(\d+) a=b=c d="" (\d+)\n$/.exec(stdout) ?? [];
    expect(pid).toBe(last);
  });

  test('levels and records', async () => {
    const input = 'DEBUG no\nERROR x\n  at\nplain\n';
    const {stdout} = await runBin(TAG, ['--timestamps', 'none', '--merge', '--level', 'warn'], {input});
    expect(stdout).toBe('ERROR x\\n  at\nplain\n');
    const own = await runBin(TAG, ['--timestamps', 'none', '--merge-start', '^>'], {input: '> a\nb\n> c\n'});
    expect(own.stdout).toBe('> a\\nb\n> c\n');
  });

  test('a shorter line', async () => {
    expect(
      (await runBin(TAG, ['--timestamps', 'none', '--max-line', '16'], {input: 'x'.repeat(17)})).stdout,
    ).toBe(`${'x'.repeat(16)} [cut]\nx\n`);
  });

  test.each<[string, string[]]>([
    ['a field without a value', ['--field', 'a']],
    ['a bad expression', ['--merge-start', '(']],
    ['the pid of nobody', ['--pid']],
    ['a command without a name', ['--', '']],
    ['silence without merging', ['--merge-idle', '5']],
    ['a level that there is not', ['--level', 'loud']],
  ])('%s: usage, exit 2', async (_title, argv) => {
    expect(await runBin(TAG, argv, {input: ''})).toMatchObject({code: 2, stdout: ''});
  });
});

describe('where to', () => {
  test('several places at once, and the exit code of the command', async () => {
    await using dir = await testdir({});
    const to = ['--to', `file:${dir.at('a.log')}`, '--to', 'stdout'];
    expect(await tag(...to, '--tag', 'x', 'sh', '-c', 'echo a; exit 3')).toMatchObject({
      code: 3,
      stdout: 'x a\n',
    });
    expect(await dir.read('a.log')).toBe('x a\n');
  });

  test('one that is broken does not stop the others; the end says what is missing', async () => {
    await using dir = await testdir({'a file': ''});
    const to = ['--to', `file:${dir.at('a file/b.log')}`, '--to', 'stdout'];
    const {code, stdout, stderr} = await tag(...to, '--tag', 'x', 'sh', '-c', 'echo a; echo b');
    expect({code, stdout}).toEqual({code: 1, stdout: 'x a\nx b\n'});
    expect(stderr).toContain('trying again');
    expect(stderr).toContain('2 lines are missing');
  });

  test('several that are broken: the end tells of each', async () => {
    await using dir = await testdir({'a file': ''});
    const places = ['b.log', 'c.log'].map((name) => `file:${dir.at('a file')}/${name}`);
    const {code, stderr} = await tag('--to', places[0]!, '--to', places[1]!, '--to', 'stdout', 'echo', 'a');
    expect(code).toBe(1);
    expect(stderr.match(/1 line is missing/g)).toHaveLength(2);
  });

  test.each(['SIGHUP', 'SIGUSR1'] as const)('%s opens files again', async (signal) => {
    await using dir = await testdir({});
    const file = dir.at('a.log');
    await using running = launchBin(TAG, ['--timestamps', 'none', '--to', `file:${file}`, '--to', 'stdout']);
    running.stdin.write('one\n');
    await running.line('one');
    await until(async () => (await dir.read('a.log').catch(() => '')) === 'one\n'); // stdout may be first
    await rename(file, dir.at('old.log'));
    running.kill(signal);
    await until(async () => (await readdir(dir.path)).includes('a.log'));
    running.stdin.end('two\n');
    expect(await running.exited).toEqual({code: 0, signal: null});
    expect([await dir.read('old.log'), await dir.read('a.log')]).toEqual(['one\n', 'two\n']);
  });

  test('SIGQUIT and SIGUSR2 are the command’s', async () => {
    const script =
      'process.on("SIGQUIT", () => console.log("got one")); process.on("SIGUSR2", () => { console.log("got it"); process.exit(5); }); setInterval(() => {}, 1000); console.log("ready")';
    const argv = ['--timestamps', 'none', '-t', 'x', '--', process.execPath, '-e', script];
    await using running = launchBin(TAG, argv);
    await running.line('x ready');
    running.kill('SIGQUIT');
    await running.line('x got one');
    running.kill('SIGUSR2');
    expect(await running.exited).toEqual({code: 5, signal: null});
    expect(running.stdout).toContain('x got it');
  });

  test.each([
    ['no such place', ['--to', 'fil:x'], 'Did you mean file'],
    ['no such setting', ['--to', 'file:./x?siz=1'], 'Did you mean size'],
    ['settings that do not go together', ['--to', 'file:./x?gzip'], 'nothing rotates'],
    ['a port too high', ['--to', 'syslog+tcp://localhost:99999'], 'no port'],
    ['a field that is ours', ['--field', 'msg=1'], 'a field cannot be called msg'],
    ['no name of a field', ['--field', '1=2'], 'a field cannot be called "1"'],
    ['no pattern', ['--merge-start', '('], 'Unterminated group'],
  ])('%s: said at once, exit 2', async (_title, argv, says) => {
    expect(await runBin(TAG, argv, {input: ''})).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(says),
    });
  });

  test('to the journal, which has the time: without ours, unless it is asked for', async () => {
    await using dir = await testdir({});
    const run = (name: string, ...argv: string[]) => {
      const fd = openSync(dir.at(name), 'w');
      const {dev, ino} = fstatSync(fd, {bigint: true});
      const env = {...process.env, JOURNAL_STREAM: `${dev}:${ino}`};
      spawnSync(process.execPath, [TAG, '--tag', 'x', ...argv], {
        input: 'one\n',
        stdio: ['pipe', fd, 'inherit'],
        env,
      });
      closeSync(fd);
    };
    run('default');
    run('json', '--format', 'json');
    run('asked', '--timestamps', 'epoch');
    run('file', '--to', `file:${dir.at('other')}`);
    expect([await dir.read('default'), await dir.read('json')]).toEqual([
      'x one\n',
      '{"tag":"x","msg":"one"}\n',
    ]);
    expect(await dir.read('asked')).toMatch(/^\d{13} x one\n$/);
    expect(await dir.read('other')).toMatch(/^\S+Z x one\n$/);
  });
});

test('signals are heard while nobody reads us', async () => {
  const child = spawn(process.execPath, [TAG, '--timestamps', 'none', '-t', 'x'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  const exited = once(child, 'exit');
  // More than both pipes and its memory hold: it is stuck in its output.
  let taken = true;
  for (let index = 0; index < 100 && taken; index++) taken = child.stdin.write('y\n'.repeat(100_000));
  await once(child.stdout, 'readable');
  child.kill('SIGTERM');
  await until(() => {
    child.kill('SIGINT');
    return child.exitCode !== null;
  });
  const [code] = (await exited) as [number];
  expect(code).toBeGreaterThan(128);
});
