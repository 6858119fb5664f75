import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {readFile, rename} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {describe, expect, test} from '@jest/globals';
import {alive, bin, describeWith, freePort, launchBin, runBin, testdir, until} from '@keelson/test-kit';
import {fixtures, startLoad} from './load.ts';
import {get} from './workloads.ts';

const run = bin('supervisor', 'keelson-run');
const app = join(fixtures, 'app.mjs');

/** A `systemd-notify` that writes down what it was asked to send. */
const notifier = {
  'systemd-notify': {mode: 0o755, content: '#!/bin/sh\nshift\necho "$@" >> "$NOTIFY_SOCKET"\n'},
};

describe('sd_notify', () => {
  test('READY once it serves, RELOADING and READY around a roll, STOPPING; nothing of it reaches the workers', async () => {
    await using directory = await testdir(notifier);
    const socket = directory.at('sent');
    const env = {NOTIFY_SOCKET: socket, PATH: `${directory.path}:${process.env['PATH']}`};
    const port = String(await freePort());
    await using running = launchBin(run, ['--port', port, '--health', '/health', '--', 'node', app], {env});
    const sent = () => readFile(socket, 'utf8').catch(() => '');
    await until(async () => (await sent()) === 'READY=1 STATUS=1/1 workers\n');
    running.kill('SIGHUP');
    await until(async () =>
      /RELOADING=1 MONOTONIC_USEC=\d{6,} .*\nREADY=1 STATUS=1\/1 workers\n$/.test(await sent()),
    );
    const [, worker] = [...running.stderr.matchAll(/pid (\d+)/g)].map(([, pid]) => pid);
    expect(await readFile(`/proc/${worker}/environ`, 'utf8')).not.toContain('NOTIFY_SOCKET');
    running.kill('SIGTERM');
    expect((await running.exited).code).toBe(0);
    expect(await sent()).toMatch(/STOPPING=1 STATUS=shutting down\n$/);
  });

  test('WATCHDOG=1 while a worker answers', async () => {
    await using directory = await testdir(notifier);
    const socket = directory.at('sent');
    const path = `${directory.path}:${process.env['PATH']}`;
    const env = {NOTIFY_SOCKET: socket, PATH: path, WATCHDOG_USEC: '400000', MODE: 'hang-on-request'};
    const port = await freePort();
    await using running = launchBin(run, ['--port', String(port), '--health', '/health', '--', 'node', app], {
      env,
    });
    const beats = async () =>
      (await readFile(socket, 'utf8').catch(() => '')).match(/WATCHDOG=1/g)?.length ?? 0;
    await running.line('takes traffic');
    const before = await beats();
    await until(async () => (await beats()) > before + 2);
    const lost = get(port).catch(() => 'lost');
    let last = -1;
    await until(
      async () => {
        const now = await beats();
        const same = now === last;
        last = now;
        await new Promise((resolve) => setTimeout(resolve, 700));
        return same;
      },
      {timeoutMs: 15_000},
    );
    process.kill(Number(/pid (\d+)/.exec(running.stderr)![1]), 'SIGKILL');
    await lost;
    await until(async () => (await beats()) > last);
    expect(await beats()).toBeGreaterThan(last);
  });

  test('without systemd-notify it says so once and serves', async () => {
    await using directory = await testdir({node: {link: process.execPath}, sh: {link: '/bin/sh'}});
    const port = String(await freePort());
    const env = {NOTIFY_SOCKET: '/nowhere', PATH: directory.path};
    await using running = launchBin(run, ['--port', port, '--', 'node', app], {env});
    await running.line('keelson cannot notify the service manager');
    running.kill('SIGTERM');
    expect((await running.exited).code).toBe(0);
    expect(running.stdout.match(/cannot notify/g)).toHaveLength(1);
  });
});

describeWith(['systemd-socket-activate'], 'a socket of the service manager', () => {
  test.each([
    ['by its name', ['--fdname=web'], '5000'],
    ['by its port', [], undefined],
    ['as the only one', [], '5001'],
  ])('%s: it is taken, and outlives all workers', async (_, flags, asked) => {
    const port = await freePort();
    const activate = spawn(
      'systemd-socket-activate',
      [
        ...flags,
        '-l',
        `127.0.0.1:${port}`,
        process.execPath,
        run,
        '--port',
        asked ?? String(port),
        '--health',
        '/health',
        '--',
        'node',
        app,
      ],
      {cwd: fixtures, env: {...process.env, NODE_OPTIONS: ''}, stdio: ['ignore', 'pipe', 'pipe']},
    );
    let output = '';
    for (const stream of [activate.stdout, activate.stderr])
      stream.on('data', (data) => (output += String(data)));
    const ended = once(activate, 'exit');
    try {
      await until(() => output.includes('Listening on'));
      // The first connection starts it, and waits for its first worker.
      expect(await get(port)).toMatch(/^v1/);
      const pid = Number(/is ready \(pid (\d+)\)/.exec(output)![1]);
      const load = await startLoad(port, 5, 'new', 5);
      process.kill(pid, 'SIGKILL');
      expect(await get(port)).toMatch(/^v1/);
      expect(await load.finish()).toMatchObject({refused: 0, timeout: 0});
    } finally {
      activate.kill('SIGTERM');
      await ended;
    }
    expect(activate.exitCode).toBe(0);
  });
});

describeWith(['systemd-socket-activate', 'curl'], 'a unix socket of the service manager', () => {
  test('is taken as the only one, and outlives the worker', async () => {
    await using directory = await testdir();
    const path = directory.at('web.sock');
    const argv = ['-l', path, process.execPath, run, '--health', '/health', '--', 'node', app];
    const activate = spawn('systemd-socket-activate', argv, {
      cwd: fixtures,
      env: {...process.env, NODE_OPTIONS: ''},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [activate.stdout, activate.stderr])
      stream.on('data', (data) => (output += String(data)));
    const ended = once(activate, 'exit');
    const ask = async (): Promise<string> =>
      (await promisify(execFile)('curl', ['-sS', '--unix-socket', path, 'http://x/'])).stdout;
    try {
      await until(() => output.includes('Listening on'));
      expect(await ask()).toMatch(/^v1/);
      process.kill(Number(/is ready \(pid (\d+)\)/.exec(output)![1]), 'SIGKILL');
      expect(await ask()).toMatch(/^v1/);
    } finally {
      activate.kill('SIGTERM');
      await ended;
    }
    expect(activate.exitCode).toBe(0);
  });
});

describe('--pid-file', () => {
  test('holds our pid, refuses a second supervisor, replaces a stale one, and goes', async () => {
    await using directory = await testdir({
      stale: '999999999\n',
      garbage: 'hello',
      reused: '1\n',
    });
    const port = String(await freePort());
    const argv = (file: string) => ['--port', port, '--pid-file', directory.at(file), '--', 'node', app];
    await using running = launchBin(run, argv('stale'));
    await running.line('takes traffic');
    expect(await directory.read('stale')).toBe(`${running.pid}\n`);
    const second = await runBin(run, argv('stale'));
    expect(second).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`process ${running.pid} runs`),
    });
    expect(alive(running.pid)).toBe(true);
    running.kill('SIGTERM');
    await running.exited;
    expect((await directory.list()).sort()).toEqual(['garbage', 'reused']);
    for (const file of ['garbage', 'reused']) {
      await using next = launchBin(run, argv(file));
      await next.line('takes traffic');
      next.kill('SIGTERM');
      await next.exited;
    }
    expect(await directory.list()).toEqual([]);
  });
});

describe('--to', () => {
  test('a file gets the lines of all workers, and SIGUSR1 opens it again after a rename', async () => {
    await using directory = await testdir();
    const port = String(await freePort());
    const file = directory.at('app.log');
    const argv = [
      '--port',
      port,
      '--health',
      '/health',
      '--workers',
      '2',
      '--to',
      `file:${file}`,
      '--',
      'node',
      app,
    ];
    await using running = launchBin(run, argv);
    await running.line('takes traffic');
    await until(
      async () => ((await readFile(file, 'utf8').catch(() => '')).match(/good begins/g) ?? []).length === 2,
    );
    await rename(file, `${file}.1`);
    running.kill('SIGUSR1');
    await until(() => existsSync(file));
    running.kill('SIGUSR2');
    await running.line('generation 2 takes traffic');
    await until(async () => (await directory.read('app.log')).includes('exited with code 0'));
    expect(await directory.read('app.log')).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z web\.1(\/2)? v1 good begins$/m,
    );
    expect((await directory.read('app.log.1')).match(/good begins/g)).toHaveLength(2);
    expect({stdout: running.stdout, debugger: running.stderr.includes('Debugger')}).toEqual({
      stdout: '',
      debugger: false,
    });
    running.kill('SIGTERM');
    expect((await running.exited).code).toBe(0);
  });

  test('a destination that there is not is a fault, and nothing starts', async () => {
    const {code, stdout} = await runBin(run, ['--to', 'nowhere:x', '--', 'node', app]);
    expect({code, stdout}).toEqual({code: 1, stdout: ''});
  });
});
