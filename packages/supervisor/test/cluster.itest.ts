import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {freePort, runBin, until} from '@keelson/test-kit';
import {faulty, run} from './faults.ts';
import {fixtures, startLoad} from './load.ts';

const app = join(fixtures, 'cluster-app.cjs');

async function clustered(workers: number) {
  const service = await faulty({
    flags: ['--listener=cluster', '--workers', String(workers)],
    command: ['node', app, 'an argument'],
  });
  await service.program.line('takes traffic');
  return service;
}

describe('--listener=cluster', () => {
  test('cluster.worker is there, and connections go to one worker after another', async () => {
    await using service = await clustered(3);
    const answers: string[] = [];
    for (let each = 0; each < 6; each++) answers.push(await service.get());
    expect(answers.slice(0, 3)).toEqual(answers.slice(3));
    expect(new Set(answers).size).toBe(3);
    for (const answer of answers) expect(answer).toMatch(/^true \d+ \d+ an argument$/);
  });

  test('a roll under load loses no request and replaces every worker', async () => {
    await using service = await clustered(2);
    await using idle = await startLoad(service.port, 10, 'get', 20);
    await using fresh = await startLoad(service.port, 5, 'new', 5);
    const before = (await service.workers()).map(({pid}) => pid);
    expect(await service.control.roll({wait: true})).toMatchObject({state: 'done'});
    expect((await service.workers()).filter(({pid}) => before.includes(pid))).toEqual([]);
    expect(await idle.finish()).toMatchObject({lost: 0});
    expect(await fresh.finish()).toMatchObject({lost: 0});
  });

  test('a worker that crashes is replaced, and the others serve', async () => {
    await using service = await clustered(2);
    await service.get('crash').catch(() => {});
    await until(async () => (await service.workers()).some(({restarts}) => restarts === 1));
    await until(async () => (await service.workers()).every(({state}) => state === 'open'));
    expect(new Set([await service.get(), await service.get()]).size).toBe(2);
  });

  test('a port that is taken, and a command that is not node: exit 1, and why', async () => {
    await using service = await clustered(1);
    const second = ['--listener=cluster', '--port', String(service.port), '--', 'node', app];
    expect(await runBin(run, second)).toMatchObject({code: 1, stderr: expect.stringContaining('EADDRINUSE')});
    const other = ['--listener=cluster', '--port', String(await freePort()), '--', 'python3', 'app.py'];
    expect(await runBin(run, other)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('`node SCRIPT …`'),
    });
  });
});
