import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {alive, bin, freePort, launchBin, runBin, until} from '@keelson/test-kit';
import {fixtures, startLoad} from './load.ts';
import {get} from './workloads.ts';

const run = bin('supervisor', 'keelson-run');
const app = join(fixtures, 'app.mjs');

describe('recycling', () => {
  /** A worker over its limit. */
  const recycled = async (flags: readonly string[], mode: string, said: RegExp) => {
    const port = await freePort();
    const argv = ['--port', String(port), '--health', '/health', ...flags, '--', 'node', app];
    await using running = launchBin(run, argv, {env: {MODE: mode}});
    const [, pid] = /pid (\d+)/.exec(await running.line('web.1 is ready'))!;
    await running.line('takes traffic');
    const load = await startLoad(port, 5, 'get', 20);
    await running.line(said);
    await until(() => !alive(Number(pid)));
    const {lost} = await load.finish();
    running.kill('SIGTERM');
    return {lost, code: (await running.exited).code};
  };

  const late = async () => {
    const port = await freePort();
    const counting = join(fixtures, 'counting-app.cjs');
    const argv = ['--port', String(port), '--max-lag', '100ms', '--', 'node', counting];
    await using running = launchBin(run, argv, {env: {PROM_FROM: import.meta.url}});
    await running.line('takes traffic');
    let over = false;
    const asking = (async () => {
      while (!over) await get(port, '/late');
    })();
    await running.line(/^web\.1\/1 has an event loop that is more than 100 ms late: it is replaced$/);
    over = true;
    await asking;
    running.kill('SIGTERM');
    return {lost: 0, code: (await running.exited).code};
  };

  // Together, for all they do is wait for the next looks.
  test('over a limit the worker is replaced, and no request is lost; --max-lag: late twice in a row', async () => {
    const ends = await Promise.all([
      recycled(
        ['--max-memory', '160M'],
        'leak-on-request',
        /^web\.1\/1 uses \d+ MiB of memory, more than 160 MiB: it is replaced$/,
      ),
      recycled(['--max-uptime', '1s'], 'good', /^web\.1\/1 has served since .*: it is replaced$/),
      recycled(['--max-requests', '20'], 'good', /^web\.1\/1 has answered \d+ requests: it is replaced$/),
      late(),
    ]);
    expect(ends).toEqual(ends.map(() => ({lost: 0, code: 0})));
  });

  test('a size that is none is a wrong command line', async () => {
    expect(await runBin(run, ['--max-memory', 'much', '--', 'node', app])).toMatchObject({code: 2});
  });
});
