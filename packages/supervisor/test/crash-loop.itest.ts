import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {alive, bin, freePort, launchBin, testdir, until} from '@keelson/test-kit';
import {fixtures} from './load.ts';
import {get} from './workloads.ts';

const run = bin('supervisor', 'keelson-run');
const app = join(fixtures, 'app.mjs');

describe('a crash loop', () => {
  test('each restart waits longer; at the limit it gives up with an exit code of its own', async () => {
    await using directory = await testdir();
    const port = String(await freePort());
    const env = {CRASH_IF: directory.at('crash')};
    await using running = launchBin(
      run,
      ['--port', port, '--health', '/health', '--start-limit', '4', '--workers', '2', '--', 'node', app],
      {env},
    );
    await running.line('takes traffic');
    await directory.write({crash: ''});
    for (const line of running.stderr.matchAll(/pid (\d+)/g)) process.kill(Number(line[1]), 'SIGKILL');
    expect(await running.exited).toEqual({code: 70, signal: null});
    expect(running.stdout).toContain('keelson every worker failed 4 times in a row: giving up');
    const starts = running.stdout.match(/good begins/g)!.length;
    expect(starts).toBeLessThanOrEqual(2 + 2 * 4);
    const delays = [...running.stdout.matchAll(/^web\.1 starts again in (\d+) ms/gm)].map(([, ms]) =>
      Number(ms),
    );
    expect(delays.length).toBeGreaterThanOrEqual(3);
    for (const [at, ms] of delays.slice(1).entries()) expect(ms).toBeGreaterThan(delays[at]! * 1.2);
  });

  test('while one worker serves it goes on', async () => {
    await using directory = await testdir();
    const port = await freePort();
    await using running = launchBin(
      run,
      [
        '--port',
        String(port),
        '--health',
        '/health',
        '--start-limit',
        '2',
        '--workers',
        '2',
        '--',
        'node',
        app,
      ],
      {env: {CRASH_IF: directory.at('crash')}},
    );
    await running.line('takes traffic');
    await directory.write({crash: ''});
    const pids = [...running.stderr.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));
    process.kill(pids[0]!, 'SIGKILL');
    await until(() => (running.stdout.match(/starts again/g) ?? []).length >= 4);
    expect(alive(pids[1]!)).toBe(true);
    expect(await get(port)).toMatch(/^v1/);
    running.kill('SIGTERM');
    expect((await running.exited).code).toBe(0);
  });
});

describe('a supervisor that is killed', () => {
  test('requests in flight are answered; nothing is left, not even a worker that hangs', async () => {
    const port = await freePort();
    await using running = launchBin(run, ['--port', String(port), '--health', '/health', '--', 'node', app], {
      env: {DELAY_MS: '1200', MODE: 'grandchild'},
    });
    await running.line('takes traffic');
    const grandchild = Number(/grandchild (\d+)/.exec(running.stdout)![1]);
    const worker = Number(/pid (\d+)/.exec(running.stderr)![1]);
    const asked = get(port);
    await running.line('asked');
    running.kill('SIGKILL');
    expect(await asked).toMatch(/^v1/);
    await until(() => !alive(worker) && !alive(grandchild));
  });
});
