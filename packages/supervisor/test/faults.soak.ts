import {expect, test} from '@jest/globals';
import {readdirSync, readlinkSync} from 'node:fs';
import {controlAt} from '@keelson/supervisor';
import {alive, expectFault, freePort, launchBin, testdir, until} from '@keelson/test-kit';
import {app, run, serving} from './faults.ts';

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

test('4: kill -9 of the supervisor at each step of a roll: nobody is left, and the next one serves', async () => {
  await using directory = await testdir();
  const [port, socket] = [String(await freePort()), directory.at('control.sock')];
  const files = ['--control', socket, '--pid-file', directory.at('pid')];
  const argv = ['--port', port, '--workers', '3', ...files, '--', 'node', app];
  const workers = (): string[] =>
    readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && cwdOf(pid) === directory.path);
  for (const replaced of [0, 1, 2]) {
    await using program = launchBin(run, argv, {cwd: directory.path, env: {TMPDIR: directory.path}});
    await program.line('takes traffic');
    const rolled = controlAt(socket).roll({wait: true});
    const lost = expectFault(rolled, 'SUPERVISOR_CONTROL_GONE');
    await until(() => program.stderr.split('is ready').length > 3 + replaced && workers().length > 4);
    program.kill('SIGKILL');
    await lost;
    await until(() => workers().length === 0);
  }
});

function cwdOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // it has ended
  }
}
