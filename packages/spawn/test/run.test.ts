import {chmod} from 'node:fs/promises';
import {describe, expect, test} from '@jest/globals';
import {run, type LineEvent, type SpawnFault} from '@keelson/spawn';
import {expectFault, processesWith, testdir, until} from '@keelson/test-kit';
import {uniqueSeconds} from './sleeping.ts';

const shell = (command: string) => ({command, shell: true});

describe('run', () => {
  test('resolves with what the command printed', async () => {
    expect(await run(shell('echo out; echo err >&2'))).toEqual({
      code: 0,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('passes arguments as they are, without a shell', async () => {
    const args = ['%s|', 'a b', '$HOME', '', '"', "'", '\n', 'é'];
    expect((await run({command: 'printf', args})).stdout).toBe(`${args.slice(1).join('|')}|`);
  });

  test('hands arguments to a shell line as $1, $2', async () => {
    const spec = {command: 'printf "%s-%s" "$2" "$1"', shell: true, args: ['a b', 'c']};
    expect((await run(spec)).stdout).toBe('c-a b');
  });

  test('gives the child exactly the environment it was told', async () => {
    expect((await run({command: '/usr/bin/env', env: {A: '1', B: 'x y'}})).stdout).toBe('A=1\nB=x y\n');
  });

  test('inherits the environment otherwise', async () => {
    expect((await run(shell('echo "$PATH"'))).stdout).toBe(`${process.env['PATH']}\n`);
  });

  test('runs in cwd', async () => {
    await using dir = await testdir();
    expect((await run({command: 'pwd', cwd: dir.path})).stdout).toBe(`${dir.path}\n`);
  });

  test('feeds input, and an empty stdin without it', async () => {
    const input = 'x'.repeat(1_000_000);
    expect((await run({command: 'cat', input})).stdout).toBe(input);
    expect((await run({command: 'cat'})).stdout).toBe('');
  });

  test('survives a child that does not read its input', async () => {
    const input = Buffer.alloc(4_000_000);
    expect(await run({...shell('exec <&-; echo closed'), input})).toMatchObject({stdout: 'closed\n'});
    expect(await run({...shell('head -c 1 >/dev/null; echo enough'), input})).toMatchObject({code: 0});
  });

  test('reads both pipes at once', async () => {
    const {stdout, stderr} = await run(
      shell('head -c 2000000 /dev/zero; head -c 2000000 /dev/zero >&2; head -c 2000000 /dev/zero'),
    );
    expect([stdout.length, stderr.length]).toEqual([4_000_000, 2_000_000]);
  });

  test('accepts the exit codes it was told', async () => {
    expect(await run(shell('exit 3'), {accept: [0, 3]})).toMatchObject({code: 3});
  });

  test('keeps characters whole that come in two pieces', async () => {
    const lines: LineEvent[] = [];
    const spec = shell(`printf '\\303'; sleep 0.05; printf '\\251\\n'`);
    const {stdout} = await run(spec, {onEvent: (event) => lines.push(event)});
    expect([stdout, lines.map(({line}) => line)]).toEqual(['é\n', ['é']]);
  });

  test('tells each line of each stream', async () => {
    const events: LineEvent[] = [];
    await run(shell(`printf 'a\\n\\nb\\r\\nlast'; echo err >&2`), {onEvent: (event) => events.push(event)});
    const of = (stream: string) => events.filter((event) => event.stream === stream).map(({line}) => line);
    expect([of('out'), of('err')]).toEqual([['a', '', 'b', 'last'], ['err']]);
    expect(events[0]!.type).toBe('spawn:line');
  });

  test('cuts an endless line into pieces', async () => {
    const pieces: string[] = [];
    const options = {onEvent: ({line}: LineEvent) => pieces.push(line)};
    await run(shell(`head -c 1000000 /dev/zero | tr '\\0' x`), options);
    expect(pieces.join('')).toHaveLength(1_000_000);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(300_000);
  });

  test('stops the command and fails with what a listener threw', async () => {
    const seconds = uniqueSeconds();
    const thrown = new TypeError('listener');
    const failing = run(shell(`echo x; sleep ${seconds}`), {
      onEvent: () => {
        throw thrown;
      },
    });
    await expect(failing).rejects.toBe(thrown);
    expect(processesWith(seconds)).toEqual([]);
  });
});

describe('run fails with SPAWN_NOT_FOUND', () => {
  test.each([
    ['a command that is not on PATH', {command: 'no-such-command'}, /no-such-command.*PATH/],
    ['a missing file', {command: './missing'}, /cannot start \.\/missing: .*\/missing does not exist/],
    [
      'a missing cwd',
      {command: 'true', cwd: '/no/such/dir'},
      /working directory \/no\/such\/dir does not exist/,
    ],
    ['a cwd that is a file', {command: 'true', cwd: '/etc/passwd'}, /\/etc\/passwd is not a directory/],
    ['a missing cwd of a shell line', {...shell('true'), cwd: '/no/such'}, /\/no\/such does not exist/],
    ['a folder', {command: '/etc'}, /\/etc is not executable/],
    ['a file that is not executable', {command: '/etc/passwd'}, /\/etc\/passwd is not executable/],
  ])('for %s', async (_title, spec, message) => {
    const fault = (await expectFault(run(spec), 'SPAWN_NOT_FOUND')) as SpawnFault;
    expect(fault.message).toMatch(message);
    expect(fault.output).toBeUndefined();
  });

  test('for a script whose interpreter is missing', async () => {
    await using dir = await testdir({'run.sh': {mode: 0o755, content: '#!/no/such/interpreter -x\n'}});
    const fault = await expectFault(run({command: './run.sh', cwd: dir.path}), 'SPAWN_NOT_FOUND');
    expect(fault.message).toContain(`${dir.at('run.sh')} exists, but its interpreter /no/such/interpreter`);
    await chmod(dir.at('run.sh'), 0o644);
  });
});

describe('run fails with SPAWN_FAILED', () => {
  test.each([
    ['arguments beyond the limit of the kernel', {command: 'true', args: ['x'.repeat(3_000_000)]}, /E2BIG/],
    ['a NUL in an argument', {command: 'true', args: ['a\0b']}, /null bytes/],
    ['no command', {command: ''}, /cannot start/],
  ])('for %s', async (_title, spec, message) => {
    expect((await expectFault(run(spec), 'SPAWN_FAILED')).message).toMatch(message);
  });

  test('a variable with a NUL in it is named, its value is not', async () => {
    const fault = await expectFault(run({command: 'true', env: {TOKEN: 'hush\0hush'}}), 'SPAWN_FAILED');
    expect(fault.message).toMatch(/env\['TOKEN'\].* without null bytes$/);
    expect([fault.stack, fault.cause]).toEqual([expect.not.stringContaining('hush'), undefined]);
  });

  test('what is too large for the system is said, and what to do', async () => {
    const fault = await expectFault(run({command: 'true', env: {A: 'x'.repeat(4_000_000)}}), 'SPAWN_FAILED');
    expect([fault.message, fault.hint]).toEqual([
      expect.stringContaining('E2BIG'),
      expect.stringContaining('put that in a file'),
    ]);
  });
});

describe('run fails with SPAWN_EXIT', () => {
  test('naming command, folder, code and the last lines of stderr', async () => {
    const line = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "line $i" >&2; done; echo out; exit 7';
    const fault = (await expectFault(run({...shell(line), cwd: '/'}), 'SPAWN_EXIT')) as SpawnFault;
    expect(fault.message).toMatch(/^`for i in .*` ended with exit code 7 \(in \/\):\n {2}line 3\n/);
    expect(fault.message).toMatch(/ {2}line 12$/);
    expect(fault.output).toMatchObject({code: 7, stdout: 'out\n'});
  });

  test('showing stdout when stderr says nothing', async () => {
    const fault = await expectFault(run(shell('echo why; exit 1')), 'SPAWN_EXIT');
    expect(fault.message).toMatch(/:\n {2}why$/);
  });

  test('naming the signal', async () => {
    const fault = (await expectFault(run(shell('kill -9 $$')), 'SPAWN_EXIT')) as SpawnFault;
    expect(fault.message).toBe(`\`kill -9 $$\` was ended by SIGKILL (in ${process.cwd()})`);
    expect(fault.output).toMatchObject({code: null, signal: 'SIGKILL'});
  });

  test('without passwords, colours and control characters', async () => {
    const line = `printf 'clone \\033[31mhttps://me:s3cret@example.com/x\\033[0m \\001\\n' >&2; exit 1`;
    const fault = await expectFault(
      run({command: 'sh', args: ['-c', `${line}; : ssh://me:s3cret@h`]}),
      'SPAWN_EXIT',
    );
    expect(fault.message).toContain('clone https://***@example.com/x');
    for (const hidden of ['s3cret', '\u001B', '\u0001']) expect(fault.message).not.toContain(hidden);
  });

  test('keeping the output out of its JSON', async () => {
    const fault = await expectFault(run(shell('echo s3cret; echo x >&2; exit 1')), 'SPAWN_EXIT');
    expect(JSON.stringify(fault)).not.toContain('s3cret');
  });

  test('with a bounded message', async () => {
    const fault = await expectFault(
      run(shell('head -c 5000000 /dev/zero | tr "\\0" x >&2; exit 1')),
      'SPAWN_EXIT',
    );
    expect(fault.message.length).toBeLessThan(6000);
  });
});

describe('run leaves nothing running', () => {
  test('when the command ends and a background process holds the pipe', async () => {
    const seconds = uniqueSeconds();
    expect(await run(shell(`sleep ${seconds} & echo done`))).toMatchObject({stdout: 'done\n'});
    expect(processesWith(seconds)).toEqual([]);
  });

  test('when the command ends and a background process has let go of the pipe', async () => {
    const seconds = uniqueSeconds();
    await run(shell(`sleep ${seconds} >/dev/null 2>&1 & echo done`));
    expect(processesWith(seconds)).toEqual([]);
  });

  test('and reads what a background process writes after the command has ended', async () => {
    expect(await run(shell('(sleep 0.2; echo late) & echo early'))).toMatchObject({stdout: 'early\nlate\n'});
  });

  test('and does not wait for a daemon of another session that holds the pipe', async () => {
    const seconds = uniqueSeconds();
    try {
      expect(await run(shell(`setsid sleep ${seconds} & echo done`))).toMatchObject({stdout: 'done\n'});
    } finally {
      for (const pid of processesWith(seconds)) process.kill(pid, 'SIGKILL');
    }
  });

  test('nor for one that never stops writing', async () => {
    const seconds = uniqueSeconds();
    const daemon = `setsid sh -c 'while :; do echo tick; sleep 0.2; done; : ${seconds}' &`;
    try {
      expect((await run(shell(`${daemon} echo done`))).stdout).toMatch(/^(tick\n)*done\n/);
    } finally {
      for (const pid of processesWith(seconds)) process.kill(pid, 'SIGKILL');
    }
  });

  test('when it takes too long', async () => {
    const seconds = uniqueSeconds();
    const spec = shell(`echo started; sleep ${seconds} & sleep ${seconds}`);
    const fault = (await expectFault(run(spec, {timeoutMs: 200}), 'SPAWN_TIMEOUT')) as SpawnFault;
    expect(fault.message).toMatch(/was stopped after 200 ms.*:\n {2}started$/s);
    expect(fault.output).toMatchObject({signal: 'SIGTERM', stdout: 'started\n'});
    expect(processesWith(seconds)).toEqual([]);
  });

  test('when it prints too much', async () => {
    const options = {maxOutputBytes: 100_000};
    const fault = (await expectFault(run({command: 'yes'}, options), 'SPAWN_OUTPUT_TOO_LARGE')) as SpawnFault;
    expect(fault.output!.stdout).toHaveLength(100_000);
    expect(await run(shell('head -c 100000 /dev/zero'), options)).toMatchObject({code: 0});
  });
});

describe('run is aborted', () => {
  test('before it starts', async () => {
    const reason = {why: 'mine'};
    const seconds = uniqueSeconds();
    const aborted = run({command: 'sleep', args: [seconds]}, {signal: AbortSignal.abort(reason)});
    await expect(aborted).rejects.toBe(reason);
    expect(processesWith(seconds)).toEqual([]);
  });

  test('and rejects with the reason itself once the whole group is gone', async () => {
    const seconds = uniqueSeconds();
    const controller = new AbortController();
    const aborted = run(shell(`sleep ${seconds} & (sleep ${seconds}; true) & wait`), controller);
    await until(() => processesWith(`sleep ${seconds}`).length >= 3);
    const reason = {why: 'mine'};
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    expect(processesWith(seconds)).toEqual([]);
  });

  test('and kills what ignores SIGTERM after the grace', async () => {
    const seconds = uniqueSeconds();
    const controller = new AbortController();
    const options = {signal: controller.signal, graceMs: 200};
    const aborted = run(
      shell(`trap '' TERM; sleep ${seconds} & sleep ${seconds}; sleep ${seconds}`),
      options,
    );
    await until(() => processesWith(`sleep ${seconds}`).length >= 2);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({name: 'AbortError'});
    expect(processesWith(seconds)).toEqual([]);
  });

  test('at any moment', async () => {
    const seconds = uniqueSeconds();
    for (let moment = 0; moment < 40; moment++) {
      const controller = new AbortController();
      const spec = {...shell(`sleep ${seconds} & echo x; sleep ${seconds}`), input: 'x'};
      const aborted = run(spec, {
        signal: controller.signal,
        onEvent: () => moment === 39 && controller.abort(moment),
      });
      if (moment < 39) setTimeout(() => controller.abort(moment), moment / 2);
      await expect(aborted).rejects.toBe(moment);
      expect(processesWith(seconds)).toEqual([]);
    }
  });

  test('many at a time with one signal, without a warning', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const controller = new AbortController();
    const all = Array.from({length: 15}, () => run({command: 'sleep', args: ['60']}, controller));
    controller.abort();
    expect((await Promise.allSettled(all)).every(({status}) => status === 'rejected')).toBe(true);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});
