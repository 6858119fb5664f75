import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {alive, bin, freePort, launchBin, runBin, testdir, until} from '@keelson/test-kit';
import {fixtures, startLoad} from './load.ts';
import {get} from './workloads.ts';

const run = bin('supervisor', 'keelson-run');
const app = join(fixtures, 'app.mjs');
const pidOf = (line: string): number => Number(/pid (\d+)/.exec(line)![1]);

describe('keelson-run', () => {
  test('--version and --help', async () => {
    expect((await runBin(run, ['--version'])).stdout).toMatch(/\d+\.\d+\.\d+/);
    expect((await runBin(run, ['--help'])).stdout).toContain('--workers');
  });

  test('a command with its own flags: serves, tags its output, drains at SIGTERM with exit 0', async () => {
    const port = await freePort();
    await using running = launchBin(run, [
      '--port',
      String(port),
      '--workers',
      '2',
      '--health',
      '/health',
      'node',
      app,
      '--port',
      '1',
    ]);
    const first = pidOf(await running.line('web.1 is ready'));
    const second = pidOf(await running.line('web.1/2 is ready'));
    await running.line('takes traffic');
    expect(await get(port)).toMatch(/^v1/);
    expect(running.stdout).toContain('web.1/2 v1 good begins');
    // Both at once, as from timeout(1) and npm, are one request.
    running.kill('SIGTERM');
    running.kill('SIGINT');
    expect(await running.exited).toEqual({code: 0, signal: null});
    expect([first, second].map(alive)).toEqual([false, false]);
  });

  test('without a command: the Procfile, .env, and a formation', async () => {
    const port = await freePort();
    await using directory = await testdir({
      Procfile: `web: node '${app}'\nworker: echo "worker of $NAME"; exec sleep 1000\n`,
      '.env': `NAME=shop\nVERSION=v9\nPORT=${port}\n`,
    });
    await using running = launchBin(run, ['--formation', 'web=1,worker=1'], {cwd: directory.path});
    await running.line('worker.1 worker of shop');
    await running.line('takes traffic');
    expect(await get(port)).toMatch(/^v9/);
    running.kill('SIGINT');
    expect((await running.exited).code).toBe(0);
  });

  test('package.json says how a process type ends; --grace is for all, and a misspelled key stops the start', async () => {
    const program = `process.on('SIGINT', () => console.log('asked')); process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6);`;
    const packageJson = (worker: object): string =>
      JSON.stringify({name: 'shop', keelson: {processes: {worker}}});
    await using directory = await testdir({
      Procfile: 'worker: exec node worker.cjs\n',
      'worker.cjs': program,
      'package.json': packageJson({stopSignal: 'SIGINT', graceMs: 200}),
    });
    await using running = launchBin(run, [], {cwd: directory.path});
    await running.line('takes traffic');
    running.kill('SIGTERM');
    await running.line('worker.1 asked');
    await running.line('worker.1 was ended by SIGKILL');
    expect((await running.exited).code).toBe(1);
    await writeFile(directory.at('package.json'), packageJson({stopSignal: 'SIGINT', graceMs: 3_600_000}));
    await using other = launchBin(run, ['--grace', '0'], {cwd: directory.path});
    await other.line('takes traffic');
    other.kill('SIGTERM');
    await other.line('worker.1 was ended by SIGKILL');
    await writeFile(directory.at('package.json'), packageJson({stopSignall: 'SIGINT'}));
    expect(await runBin(run, [], {cwd: directory.path})).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean "stopSignal"?'),
    });
  });

  test('--workers auto within a limit of the memory: every process is told its share of it', async () => {
    const port = await freePort();
    await using directory = await testdir({
      Procfile: `web: node '${app}'\nworker: exec node '${join(fixtures, 'tell-env.mjs')}'\n`,
    });
    // RLIMIT_DATA, in KiB: V8's reservations don't count, so that Node itself starts.
    const limited = 'ulimit -d 1048576; exec "$@"';
    const argv = ['-c', limited, 'sh', process.execPath, run, '--workers', 'auto', '--port', String(port)];
    const env = {...process.env, NODE_OPTIONS: ''};
    const running = spawn('/bin/sh', argv, {cwd: directory.path, env});
    const ended = once(running, 'exit');
    let output = '';
    for (const stream of [running.stdout, running.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    try {
      await until(() => output.includes('worker.1 {'));
      const told = JSON.parse(/worker\.1 (\{.*\})/.exec(output)![1]!);
      const [, heap] = /^--max-old-space-size=(\d+) --max-semi-space-size=\d+/.exec(told.NODE_OPTIONS)!;
      expect(Number(told.KEELSON_MEMORY_BYTES)).toBeLessThanOrEqual(1024 ** 3 / 2);
      expect(Number(heap) * 1024 ** 2).toBeLessThan(Number(told.KEELSON_MEMORY_BYTES));
      expect(told.heap * 1024 ** 2).toBeLessThan(Number(told.KEELSON_MEMORY_BYTES));
    } finally {
      running.kill('SIGTERM');
      await ended;
    }
  });

  test('--on-usr2 pass: SIGUSR2 goes to the workers; another word is a wrong command line', async () => {
    const port = await freePort();
    await using running = launchBin(run, ['--port', String(port), '--on-usr2', 'pass', '--', 'node', app]);
    await running.line('takes traffic');
    running.kill('SIGUSR2');
    await running.line('web.1 was ended by SIGUSR2');
    expect(await runBin(run, ['--on-usr2', 'wait', '--', 'node', app])).toMatchObject({code: 2});
  });

  test('--require and --import: Node loads them in each worker before the app, whatever their path', async () => {
    const port = await freePort();
    await using directory = await testdir({
      'a "b".cjs': `console.log('required', process.env.PS)`,
      'c.mjs': `console.log('imported')`,
    });
    const argv = [
      '--require',
      './a "b".cjs',
      '--import',
      './c.mjs',
      '--port',
      String(port),
      '--',
      'node',
      app,
    ];
    await using running = launchBin(run, argv, {cwd: directory.path});
    await running.line('web.1 required web.1');
    await running.line('web.1 imported');
    await running.line('takes traffic');
    running.kill('SIGTERM');
    expect((await running.exited).code).toBe(0);
  });

  test('SIGUSR2 replaces every worker, and no request is lost', async () => {
    const port = await freePort();
    await using running = launchBin(run, ['--port', String(port), '--', 'node', app]);
    const first = pidOf(await running.line('web.1 is ready'));
    await running.line('takes traffic');
    const load = await startLoad(port, 10, 'get', 20);
    running.kill('SIGUSR2');
    await running.line('generation 2 takes traffic');
    await until(() => !alive(first));
    expect((await load.finish()).lost).toBe(0);
    running.kill('SIGTERM');
    expect((await running.exited).code).toBe(0);
  });

  test('a roll to what is not ready leaves the old workers serving', async () => {
    const port = await freePort();
    await using directory = await testdir();
    const env = {CRASH_IF: directory.at('crash')};
    await using running = launchBin(run, ['--port', String(port), '--', 'node', app], {env});
    await running.line('takes traffic');
    await directory.write({crash: ''});
    running.kill('SIGUSR2');
    await running.line('keelson the old workers stay: web.1 exited with code 3');
    expect(await get(port)).toMatch(/^v1/);
  });

  test('what is not ready: exit 1, why, and the last lines it printed', async () => {
    const port = String(await freePort());
    const {code, stderr} = await runBin(run, ['--port', port, 'node', app], {env: {MODE: 'crash-at-boot'}});
    expect(code).toBe(1);
    expect(stderr).toContain('error: web.1 exited with code 3 before it was ready');
    expect(stderr).toContain('cannot find the database');
  });

  test('a second signal ends at once, and nothing is left', async () => {
    const port = await freePort();
    const env = {DELAY_MS: '60000', MODE: 'grandchild'};
    await using running = launchBin(run, ['--port', String(port), '--health', '/health', 'node', app], {env});
    const worker = pidOf(await running.line('web.1 is ready'));
    const grandchild = Number(/grandchild (\d+)/.exec(await running.line(/grandchild \d+/))![1]);
    await running.line('takes traffic');
    const cut = get(port).catch(() => 'cut');
    await running.line('asked');
    running.kill('SIGINT');
    await until(
      async () => (await fetch(`http://127.0.0.1:${port}/health`).catch(() => 'refused')) === 'refused',
    );
    await until(async () => {
      running.kill('SIGINT');
      return !alive(running.pid);
    });
    expect(await running.exited).toEqual({code: 130, signal: null});
    await until(() => !alive(worker) && !alive(grandchild));
    expect(await cut).toBe('cut');
  });

  test.each([
    [['--workers', 'many', 'node', 'x.js'], /--workers: it is a number from 1/],
    [['--prot', '80', 'node', 'x.js'], /--prot/],
  ])('%j is a wrong command line: exit 2', async (argv, message) => {
    const {code, stderr} = await runBin(run, argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('a directory with nothing to run is a fault with a hint', async () => {
    await using directory = await testdir();
    const {code, stderr} = await runBin(run, [], {cwd: directory.path});
    expect(code).toBe(1);
    expect(stderr).toContain('Procfile');
  });
});
