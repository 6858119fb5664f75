import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, openSync, readFileSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';

import {describe, expect, test} from '@jest/globals';
import {launchBin, processesWith, until} from '@keelson/test-kit';

import {app, fixture, FOREMAN, linesOf} from './foreman-app.ts';

const LINES = 20_000;

/** Runs `start` with its stdout in a file. */
async function intoFile(dir: string, argv: readonly string[] = []) {
  const file = openSync(`${dir}/out`, 'w');
  const child = spawn(process.execPath, [FOREMAN, 'start', ...argv], {
    cwd: dir,
    stdio: ['ignore', file, 'ignore'],
  });
  closeSync(file);
  const [code] = (await once(child, 'exit')) as [number];
  return {code, lines: readFileSync(`${dir}/out`, 'latin1').split('\n')};
}

const procfile = (count: number, kind = '') =>
  'abcd'
    .slice(0, count)
    .split('')
    .map((id) => `${id}: ${fixture('lines.mjs')} ${id} ${LINES} ${kind}\n`)
    .join('');

describe('no line is lost, none torn', () => {
  test.each([
    [1, ''],
    [4, ''],
    [4, 'utf8'],
  ])('%i processes that write 64 KiB at a time and end at once %s', async (count, kind) => {
    await using it = await app(() => ({Procfile: procfile(count, kind)}));
    const {code, lines} = await intoFile(it.dir.path, ['--can-die', 'all', '--no-timestamp']);
    expect([code, lines.length, lines.at(-1)]).toEqual([0, count * LINES + 1, '']);
    const next = new Map<string, number>();
    for (const line of lines.slice(0, -1)) {
      const match = /^([a-d])\.1 \| <\1:(\d{7}):.{87}>$/.exec(line);
      if (match?.[1] === undefined) throw new Error(`torn: ${line}`);
      // Not with expect: for so many lines that takes longer than to print them.
      const wanted = next.get(match[1]) ?? 0;
      if (Number(match[2]) !== wanted) throw new Error(`lost: ${match[1]} ${wanted}, before: ${line}`);
      next.set(match[1], wanted + 1);
    }
  });

  test('--raw: the bytes of a process, and no other', async () => {
    const bytes = Buffer.from([0, 1, 255, 10, 10, 32, 200, 13, 10, 0xe2, 0x82, 0xac, 9, 65]);
    await using it = await app(() => ({Procfile: 'a: cat bytes; cat err >&2\n', bytes, err: 'on stderr'}));
    const file = openSync(it.dir.at('out'), 'w');
    const child = spawn(process.execPath, [FOREMAN, 'start', '--raw', '--quiet'], {
      cwd: it.dir.path,
      stdio: ['ignore', file, 'pipe'],
    });
    let stderr = '';
    child.stderr?.on('data', (text) => (stderr += text));
    await once(child, 'close');
    closeSync(file);
    expect(readFileSync(it.dir.at('out'))).toEqual(bytes);
    expect(stderr).toBe('on stderr');
  });

  test('--raw of two: a last line without a newline gets one only where another line follows', async () => {
    await using it = await app(() => ({Procfile: 'a: printf AAA\nb: sleep 0.3; echo BBB; printf CCC\n'}));
    const result = await it.run(['start', '--no-prefix', '--can-die', 'all']);
    expect(result.stdout).toBe('AAA\nBBB\nCCC');
  });

  test('a reader that comes late gets everything', async () => {
    await using it = await app(() => ({Procfile: procfile(1)}));
    const shell = spawn(
      'bash',
      ['-c', `'${process.execPath}' '${FOREMAN}' start 2>/dev/null | (sleep 1.5; wc -l)`],
      {
        cwd: it.dir.path,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    let printed = '';
    shell.stdout.on('data', (text) => (printed += text));
    await once(shell, 'close');
    expect(printed.trim()).toBe(String(LINES));
  });

  test('Node programs that end with process.exit lose nothing; --no-blocking-output leaves them alone', async () => {
    await using it = await app(() => ({
      Procfile: `a: '${process.execPath}' -e 'console.log("x".repeat(999_999)); console.log(process.env.NODE_OPTIONS); process.exit(0)'\n`,
    }));
    const result = await it.run(['start']);
    expect(linesOf(result.stdout)[0]).toHaveLength(999_999 + 'a.1 | '.length);
    expect(result.stdout).toContain('--require=');
    expect((await it.run(['start', '--no-blocking-output'])).stdout).not.toContain('--require=');
  });
});

describe('lines', () => {
  const shown = async (command: string, argv: readonly string[] = []) => {
    await using it = await app(() => ({Procfile: `a: ${command}\n`}));
    return (await it.run(['start', '--no-timestamp', ...argv])).stdout;
  };

  test('the time, the padded name, the line; stderr is marked', async () => {
    await using it = await app(() => ({
      Procfile: 'web: echo hi; sleep 0.2; echo oops >&2\nworker: sleep 5\n',
    }));
    const {stdout} = await it.run(['start']);
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d web\.1 {4}\| hi\n\d\d:\d\d:\d\d web\.1 {4}! oops\n$/);
  });

  test('a last line without a newline gets one', async () => {
    expect(await shown('printf "one\\ntail"')).toBe('a.1 | one\na.1 | tail\n');
  });

  test('empty lines, blanks and carriage returns stay', async () => {
    expect(await shown(String.raw`printf '\n  x  \n\n10%%\r20%%\r30%%\n'`)).toBe(
      'a.1 | \na.1 |   x  \na.1 | \na.1 | 10%\r20%\r30%\n',
    );
  });

  test('a line of 1 MiB is one line', async () => {
    const stdout = await shown(`head -c 1048576 /dev/zero | tr '\\0' x; echo`);
    expect(stdout).toBe(`a.1 | ${'x'.repeat(1_048_576)}\n`);
  });

  test('a line that is not finished holds nobody up, and nothing is put into it', async () => {
    await using it = await app(() => ({
      Procfile: 'a: printf AAA; sleep 0.6; echo BBB\nb: sleep 0.3; echo CCC; sleep 5\n',
    }));
    expect(linesOf((await it.run(['start'])).stdout)).toEqual(['b.1 | CCC', 'a.1 | AAABBB']);
  });

  test('--trim and --wrap count characters, not bytes or colours', async () => {
    const red = String.raw`printf '  \033[31m€uros and more\033[0m  \n'`;
    expect(await shown(red, ['--trim', '7'])).toBe('a.1 |   €uros…\n');
    expect(await shown(red, ['--trim', '70'])).toBe('a.1 |   \u001b[31m€uros and more\u001b[0m\n');
    expect(await shown(`echo ${'x'.repeat(60)}`, ['--wrap'])).toBe(
      `a.1 | ${'x'.repeat(52)}\na.1 |  > ${'x'.repeat(8)}\n`,
    );
  });

  test('--trim leaves whole what we say ourselves', async () => {
    await using it = await app(() => ({Procfile: 'a: echo 123456789\n'}));
    for (const raw of [[], ['--raw']]) {
      const {stderr} = await it.run(['start', '--trim', '7', '--no-timestamp', ...raw]);
      expect(stderr).toContain('system | a.1 exited with code 0\n');
    }
  });

  test.each([[[]], [['--raw']], [['--format', 'json']]])(
    'a disk that is full is a failure, also where the process has ended well: %j',
    async (argv) => {
      await using it = await app(() => ({Procfile: 'a: echo x; echo x >&2\n'}));
      const full = openSync('/dev/full', 'w');
      const failing = async (stdio: ('pipe' | number)[]) => {
        const child = spawn(process.execPath, [FOREMAN, 'start', ...argv], {
          cwd: it.dir.path,
          stdio: ['ignore', ...stdio],
        });
        let stderr = '';
        child.stdout?.resume();
        child.stderr?.on('data', (text) => (stderr += text));
        const [code] = (await once(child, 'close')) as [number];
        return {code, stderr};
      };
      const {code, stderr} = await failing([full, 'pipe']);
      expect(code).toBe(1);
      expect(stderr).toContain('error: the output cannot be written: ENOSPC');
      // Without --raw only what we say ourselves is on stderr.
      expect((await failing(['pipe', full])).code).toBe(argv[0] === '--raw' ? 1 : 0);
      closeSync(full);
    },
  );

  test('--hide drops the lines of a type or process, which runs all the same', async () => {
    await using it = await app(() => ({Procfile: 'a: yes | head -100000; touch done\nb: sleep 1; echo b\n'}));
    const result = await it.run(['start', '--hide', 'a', '--can-die', 'a']);
    expect(linesOf(result.stdout)).toEqual(['b.1 | b']);
    expect(await it.dir.list()).toContain('done');
  });

  test('--format json, --timestamps', async () => {
    const [line] = (await shown('echo \'{"level":30}\'; sleep 0.1; echo x', ['--format', 'json'])).split(
      '\n',
    );
    expect(JSON.parse(line!)).toEqual({tag: 'a.1', level: 30});
    await using it = await app(() => ({Procfile: 'a: echo x\n'}));
    const start = async (...argv: string[]) => (await it.run(['start', ...argv])).stdout;
    expect(await start('--timestamps', 'iso')).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z a\.1 \| x\n$/,
    );
    expect(await start('--timestamps', 'epoch')).toMatch(/^\d{10}\.\d{3} a\.1 \| x\n$/);
    expect(JSON.parse(await start('--format', 'json'))).toEqual({
      tag: 'a.1',
      time: expect.any(String),
      msg: 'x',
    });
  });

  test('--color: prefix in the colour of the name; children are told', async () => {
    const stdout = await shown('echo $FORCE_COLOR; sleep 0.1; echo bad >&2', ['--color']);
    expect(stdout).toBe(
      '\u001b[0m\u001b[36ma.1 | \u001b[0m1\n\u001b[0m\u001b[36ma.1 \u001b[31m! \u001b[0mbad\n',
    );
    expect(await shown('echo "[$FORCE_COLOR]"', ['--no-colour'])).toBe('a.1 | []\n');
  });

  test('--quiet says nothing but what went wrong; --show-env lists what comes from files, without secrets', async () => {
    await using it = await app(() => ({Procfile: 'a: true\n', '.env': 'SECRET=s3cret\nLOG_LEVEL=debug\n'}));
    expect((await it.run(['start', '--quiet'])).stderr).toBe('');
    const {stderr} = await it.run(['start', '--show-env']);
    expect(stderr).toContain('env LOG_LEVEL=debug (.env)');
    expect(stderr).toContain('env SECRET=[redacted] (.env)');
  });
});

describe('a reader that does not read', () => {
  test('stops nobody from ending, and makes no memory grow', async () => {
    await using it = await app((mark) => ({
      Procfile: `a: yes ${mark}\nb: exec ${fixture('stubborn.mjs')} ${mark}\n`,
    }));
    const child = spawn(process.execPath, [FOREMAN, 'start', '--timeout', '1'], {
      cwd: it.dir.path,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await until(() => processesWith(`stubborn.mjs ${it.mark}`).length > 0);
    await delay(700); // for it to read as much as it would
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    expect(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024).toBeLessThan(90);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(143);
    await it.nobodyLeft();
  });

  test('and one who reads slowly gets all of it, also after a TERM', async () => {
    await using it = await app(() => ({
      Procfile: `a: trap 'yes x | head -c 300000; exit' TERM; echo up; while :; do sleep 0.05; done\n`,
    }));
    await using foreman = launchBin(FOREMAN, ['start', '--raw'], {cwd: it.dir.path});
    await foreman.line('up');
    foreman.kill('SIGTERM');
    await foreman.exited;
    expect(foreman.stdout).toHaveLength('up\n'.length + 300_000);
  });
});
