import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {cp} from 'node:fs/promises';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {launchBin, packageRoot, processesWith, runBin, until} from '@keelson/test-kit';

import {app, fixture, FOREMAN, linesOf, type App} from './foreman-app.ts';

const dotenv = {'.env': 'FOO=bar\n', Procfile: 'web: echo web says $FOO $1\n'};

describe('run', () => {
  test.each([
    ['words are a program and its arguments, options and all', ['grep', '-e', 'FOO', '.env'], 'FOO=bar\n'],
    ['a leading -- is skipped', ['--', 'echo', 'a', '--', 'b'], 'a -- b\n'],
    ['arguments are no shell words', ['echo', '$FOO', 'a  b'], '$FOO a  b\n'],
    ['one word is a line for the shell', ['echo $FOO && echo more'], 'bar\nmore\n'],
    ['or a process of the Procfile', ['web'], 'web says bar\n'],
    ['own flags before the command only', ['-e', 'other.env', 'printenv', 'FOO'], 'other\n'],
  ])('%s', async (_, argv, stdout) => {
    await using it = await app(() => ({...dotenv, 'other.env': 'FOO=other\n'}));
    expect(await it.run(['run', ...argv])).toMatchObject({code: 0, stdout, stderr: ''});
  });

  test('needs no Procfile', async () => {
    await using it = await app(() => ({'a.env': 'A=1\n'}));
    expect((await it.run(['run', '-e', 'a.env', 'printenv', 'A'])).stdout).toBe('1\n');
  });

  test('the file beats the process environment; a Procfile that is nowhere, as that of <(…), is run here', async () => {
    await using it = await app(() => ({...dotenv, 'other/Procfile': 'here: echo $FOO; test -d other\n'}));
    const argv = ['run', '-f', `/proc/self/root${it.dir.at('other/Procfile')}`, 'here'];
    expect(await it.run(argv, {env: {FOO: 'outer'}})).toMatchObject({code: 0, stdout: 'bar\n'});
  });

  test.each([
    ['exit 9', 9],
    ['kill -KILL $$', 137],
    ['no-such-command', 127],
  ])('%s: the exit code is passed on', async (line, code) => {
    await using it = await app(() => dotenv);
    expect((await it.run(['run', line])).code).toBe(code);
  });

  test('stdin is inherited, stderr stays stderr', async () => {
    await using it = await app(() => dotenv);
    const result = await it.run(['run', 'cat; echo e >&2'], {input: 'in\n'});
    expect([result.stdout, result.stderr]).toEqual(['in\n', 'e\n']);
  });

  test('a missing env file: exit 1, with its name', async () => {
    await using it = await app(() => dotenv);
    const result = await it.run(['run', '-e', 'missing.env', 'true']);
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining('missing.env does not exist')]);
    expect((await it.run(['run', ''])).code).toBe(2);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('%s is passed on, and nobody is left', async (signal, code) => {
    await using it = await app(() => dotenv);
    await using run = launchBin(FOREMAN, ['run', `echo up; sleep ${it.mark} & sleep ${it.mark}`], {
      cwd: it.dir.path,
    });
    await run.line('up');
    // A shell that is just forking loses a SIGINT: wait for us, the shell and both sleeps.
    await until(() => processesWith(it.mark).length === 4);
    run.kill(signal);
    expect((await run.exited).code).toBe(code);
    await it.nobodyLeft();
  });

  test('a stubborn command is killed after --timeout, and everything when we are', async () => {
    await using it = await app(() => dotenv);
    const start = (it: App) =>
      launchBin(FOREMAN, ['run', '--timeout', '0.3', `${fixture('stubborn.mjs')} ${it.mark}; true`], {
        cwd: it.dir.path,
      });
    await using stubborn = start(it);
    await stubborn.line('stubborn');
    stubborn.kill('SIGTERM');
    expect((await stubborn.exited).code).not.toBe(0);
    await it.nobodyLeft();
    await using killed = start(it);
    await killed.line('stubborn');
    killed.kill('SIGKILL');
    await it.nobodyLeft();
  });

  test('writes to a reader that goes away: the command hears of it, as it would without us', async () => {
    await using it = await app(() => dotenv);
    const shell = spawn(
      'bash',
      ['-c', `'${process.execPath}' '${FOREMAN}' run yes | head -1; exit \${PIPESTATUS[0]}`],
      {
        cwd: it.dir.path,
        stdio: 'ignore',
      },
    );
    expect(await once(shell, 'exit')).toEqual([141, null]);
  });
});

test('check and export are the commands of @keelson/procfile and @keelson/export', async () => {
  await using it = await app(() => ({
    Procfile: 'web: node x.js\nworker: node y.js\n',
    'package.json': '{"name":"shop"}',
  }));
  expect((await it.run(['check'])).stdout).toContain('valid procfile detected (web, worker)');
  const exported = await it.run(['export', 'systemd', '--out', 'units', '--no-verify', '--user', 'www']);
  expect([exported.code, exported.stderr]).toEqual([0, expect.anything()]);
  expect(await it.dir.list('units')).toContain('shop.target');
  await using empty = await app(() => ({}));
  const missing = await empty.run(['check']);
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('Procfile does not exist.')]);
});

test('keelson-foreman --version, --help', async () => {
  expect((await runBin(FOREMAN, ['--version'])).stdout).toMatch(/^@keelson\/foreman\/\d/);
  const help = (await runBin(FOREMAN, ['start', '--help'])).stdout;
  expect(help).toContain('--can-die');
});

test('a start without V8’s code for this Node, as under any but the one of the build', async () => {
  await using it = await app(() => ({Procfile: 'a: echo hello\n'}));
  const own = (file: string) => join(packageRoot(import.meta.url), file);
  for (const file of ['package.json', 'bin', 'dist/start.cjs', 'dist/preload.cjs'])
    await cp(own(file), it.dir.at(`foreman/${file}`), {recursive: true});
  const {code, stdout} = await runBin(it.dir.at('foreman/bin/keelson-foreman.js'), ['start'], {
    cwd: it.dir.path,
  });
  expect([code, linesOf(stdout)]).toEqual([0, ['a.1 | hello']]);
});
