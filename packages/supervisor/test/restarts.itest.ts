import {describe, expect, test} from '@jest/globals';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {alive, freePort, testdir, until} from '@keelson/test-kit';
import {fixtures, startLoad} from './load.ts';
import {bench, connectionsTo, get, LISTENING, pids, serve} from './workloads.ts';

describe('a worker that ends', () => {
  test('kill -9 of one of two under load: only what it was answering is lost, and it is replaced', async () => {
    await using b = await bench();
    await serve(b, b.web({}, {workers: 2}));
    const load = await startLoad(b.port, 10, 'new', 20);
    const [victim, other] = pids(b.supervisor);
    process.kill(victim!, 'SIGKILL');
    await until(() => pids(b.supervisor).length === 2 && !pids(b.supervisor).includes(victim!));
    await until(() =>
      b.supervisor.status().generations[0]!.instances[0]!.workers.every(({state}) => state === 'open'),
    );
    const {lost, ok, refused} = await load.finish();
    expect(refused).toBe(0);
    expect(lost).toBeLessThanOrEqual(10);
    expect(ok).toBeGreaterThan(lost);
    expect(pids(b.supervisor)).toContain(other);
    expect(b.log()).toMatch(/web\.1 was ended by SIGKILL\nweb\.1 starts again in \d+ ms/);
    expect(b.supervisor.status().generations[0]!.instances[0]!.workers[0]).toMatchObject({restarts: 1});
  });

  test('kill -9 of all workers, five times: nobody is refused, whoever waits is answered', async () => {
    await using b = await bench();
    await serve(b, b.web({}, {workers: 2}));
    const load = await startLoad(b.port, 10, 'new', 30);
    for (let round = 0; round < 5; round++) {
      const victims = pids(b.supervisor);
      for (const pid of victims) process.kill(pid, 'SIGKILL');
      const waiting = get(b.port);
      expect(await waiting).toMatch(/^v1/);
      await until(
        () => pids(b.supervisor).length === 2 && pids(b.supervisor).every((pid) => !victims.includes(pid)),
      );
      await until(() =>
        b.supervisor.status().generations[0]!.instances[0]!.workers.every(({state}) => state === 'open'),
      );
    }
    const result = await load.finish();
    expect(result).toMatchObject({refused: 0, timeout: 0});
    // At most every connection's one request, each time.
    expect(result.lost).toBeLessThanOrEqual(50);
  });

  test('a connection that a stopped and then killed worker never took is answered by the next one', async () => {
    await using b = await bench();
    await serve(b, b.web());
    const [frozen] = pids(b.supervisor);
    process.kill(frozen!, 'SIGSTOP');
    const waiting = Promise.all(Array.from({length: 8}, () => get(b.port)));
    process.kill(frozen!, 'SIGKILL');
    expect(await waiting).toEqual(Array.from({length: 8}, () => expect.stringMatching(/^v1/)));
  });

  test('a crash-loop is a state, backs off, and is over when the app starts again', async () => {
    await using b = await bench();
    await using directory = await testdir();
    const generation = await serve(b, b.web({CRASH_IF: directory.at('crash')}));
    const worker = () => generation.status()[0]!.workers[0]!;
    await directory.write({crash: ''});
    process.kill(worker().pid!, 'SIGKILL');
    await until(() => worker().state === 'crash-loop', {timeoutMs: 30_000});
    const delays = b.events.flatMap((event) => (event.type === 'supervisor:delayed' ? [event.delayMs] : []));
    expect(delays.length).toBeGreaterThanOrEqual(5);
    for (const [at, delay] of delays.entries()) {
      expect(delay).toBeGreaterThanOrEqual(80 * 2 ** at);
      expect(delay).toBeLessThanOrEqual(120 * 2 ** at);
    }
    expect(b.log()).toContain('web.1 exited with code 3\nweb.1 starts again in');
    await rm(directory.at('crash'));
    expect(await get(b.port)).toMatch(/^v1/);
    await until(() => worker().state === 'open');
    await generation.drain();
  });

  test('drain while a worker waits to be restarted leaves no process and starts none', async () => {
    await using b = await bench();
    const generation = await serve(b, b.web({MODE: 'grandchild'}));
    const [pid] = pids(b.supervisor);
    process.kill(pid!, 'SIGKILL');
    await until(() => generation.status()[0]!.workers[0]!.state === 'waiting');
    await generation.drain();
    expect(pids(b.supervisor)).toEqual([]);
    const grandchild = Number(/grandchild (\d+)/.exec(b.log())![1]);
    await until(() => !alive(grandchild));
    expect(b.events.filter(({type}) => type === 'supervisor:started')).toHaveLength(1);
  });

  test('drain while a replacement starts ends that, too', async () => {
    await using b = await bench();
    const generation = await serve(b, b.web());
    process.kill(pids(b.supervisor)[0]!, 'SIGKILL');
    await until(() => generation.status()[0]!.workers[0]!.restarts === 1);
    await generation.drain();
    const started = b.events.flatMap((event) => (event.type === 'supervisor:started' ? [event.pid] : []));
    expect(started.filter(alive)).toEqual([]);
  });

  test('restarts run in the directory of their own generation', async () => {
    await using b = await bench();
    await using directory = await testdir({'v2/app.mjs': {link: join(fixtures, 'app.mjs')}});
    const v1 = await serve(b, b.web());
    const v2 = await serve(b, b.web({VERSION: 'v2'}, {cwd: directory.at('v2')}));
    await v1.drain();
    process.kill(pids(b.supervisor)[0]!, 'SIGKILL');
    expect(await get(b.port)).toMatch(/^v2/);
    await v2.drain();
  });
});

describe('a supervisor that is killed', () => {
  test('kill -9: no worker and nothing that it started is left', async () => {
    await using directory = await testdir();
    const port = await freePort();
    const supervisor = spawn(
      process.execPath,
      [join(fixtures, 'supervisor.mjs'), directory.path, String(port)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {PATH: process.env['PATH']!, MODE: 'grandchild'},
      },
    );
    let output = '';
    supervisor.stdout.on('data', (data) => (output += String(data)));
    await until(() => output.includes('open'));
    const {workers} = JSON.parse(/open (.*)/.exec(output)![1]!) as {workers: number[]};
    const grandchildren = [...output.matchAll(/grandchild (\d+)/g)].map(([, pid]) => Number(pid));
    expect([...workers, ...grandchildren].map(alive)).toEqual([true, true, true, true]);
    supervisor.kill('SIGKILL');
    await once(supervisor, 'exit');
    await until(() => [...workers, ...grandchildren].every((pid) => !alive(pid)));
    await until(async () => (await connectionsTo(port, LISTENING)) === 0);
  });
});
