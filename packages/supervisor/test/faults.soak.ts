import {expect, test} from '@jest/globals';
import {alive, until} from '@keelson/test-kit';
import {serving} from './faults.ts';

// The other faults: faults.itest.ts.
test('8: a crash within ten seconds counts as a failure in a row, one after that starts the count again', async () => {
  await using s = await serving();
  const crash = async (): Promise<number> => {
    const {pid, restarts} = (await s.workers())[0]!;
    process.kill(pid!, 'SIGKILL');
    await until(async () => {
      const [worker] = await s.workers();
      return worker!.state === 'open' && worker!.restarts > restarts;
    });
    return Number([...s.program.stdout.matchAll(/starts again in (\d+) ms/g)].at(-1)![1]);
  };
  expect(await crash()).toBeLessThanOrEqual(120);
  expect(await crash()).toBeGreaterThanOrEqual(160);
  expect(await crash()).toBeGreaterThanOrEqual(320);
  await new Promise((resolve) => setTimeout(resolve, 10_500));
  expect(await crash()).toBeLessThanOrEqual(120);
});

test.each(['hang', 'lines'])(
  '4: kill -9 of the supervisor while its worker does %j: the worker is gone, too',
  async (doing) => {
    await using s = await serving();
    const {pid} = (await s.workers())[0]!;
    await s.get(doing);
    s.program.kill('SIGKILL');
    await s.program.exited;
    await until(() => !alive(pid!));
    expect(s.program.stdout + s.program.stderr).not.toContain('EPIPE');
  },
);
