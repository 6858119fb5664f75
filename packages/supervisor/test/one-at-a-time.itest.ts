import {rm, writeFile} from 'node:fs/promises';
import {describe, expect, test} from '@jest/globals';
import {testdir} from '@keelson/test-kit';
import {startLoad} from './load.ts';
import {bench, pids, serve} from './workloads.ts';

describe('a release that takes over one worker at a time', () => {
  test('each new worker is ready before an old one drains, and the next begins after that; no request is lost', async () => {
    await using b = await bench();
    const v1 = await serve(b, b.web({}, {workers: 3}));
    const load = await startLoad(b.port, 10, 'get', 10);
    const begun = b.events.length;
    const replaced = await b.supervisor.replace([v1], b.web({VERSION: 'v2'}, {workers: 3}));
    expect(replaced).toMatchObject({state: 'ready', generation: {name: 'v2'}});
    await v1.drain();
    expect((await load.finish()).lost).toBe(0);
    const steps = b.events
      .slice(begun)
      .flatMap((event) => ('worker' in event && event.generation === 'v2' ? [event] : []))
      .map(({type, worker}) => `${worker} ${type.split(':')[1]}`);
    expect(steps).toEqual(
      ['web.1', 'web.1/2', 'web.1/3'].flatMap((worker) => [`${worker} started`, `${worker} ready`]),
    );
    expect(b.supervisor.status().generations.map(({name, state}) => `${name} ${state}`)).toEqual(['v2 open']);
    expect(pids(b.supervisor)).toHaveLength(3);
  });

  test('the first that is not ready: the old workers are those from before', async () => {
    await using b = await bench();
    const v1 = await serve(b, b.web({}, {workers: 2}));
    const before = pids(b.supervisor);
    const replaced = await b.supervisor.replace(
      [v1],
      b.web({VERSION: 'v2', MODE: 'crash-at-boot'}, {workers: 2}),
    );
    expect(replaced).toEqual({
      state: 'not-ready',
      instance: 'web.1',
      because: 'exited with code 3 before it was ready',
      output: ['v2 crash-at-boot begins', 'cannot find the database'],
    });
    expect(pids(b.supervisor)).toEqual(before);
    expect(b.supervisor.status().generations.map(({name, state}) => `${name} ${state}`)).toEqual(['v1 open']);
  });

  test('the second that is not ready: the old release serves again with its full count, no request is lost', async () => {
    await using directory = await testdir();
    const crash = directory.at('crash');
    await using b = await bench({
      onEvent(event) {
        if (event.type === 'supervisor:opened' && event.generation === 'v2') void writeFile(crash, '');
      },
    });
    const v1 = await serve(b, b.web({}, {workers: 2}));
    const [, second] = pids(b.supervisor);
    const load = await startLoad(b.port, 10, 'get', 10);
    const v2 = b.web({VERSION: 'v2', CRASH_IF: crash}, {workers: 2});
    const replaced = await b.supervisor.replace([v1], v2);
    expect(replaced).toMatchObject({state: 'not-ready', instance: 'web.1/2'});
    expect(replaced).not.toHaveProperty('kept');
    expect((await load.finish()).lost).toBe(0);
    const [only, ...others] = b.supervisor.status().generations;
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      name: 'v1',
      state: 'open',
      instances: [{workers: [{state: 'open'}, {state: 'open', pid: second}]}],
    });
  });

  test('old workers that do not start again: the new one stays, is named, and the next release replaces both', async () => {
    await using directory = await testdir();
    const crash = directory.at('crash');
    await using b = await bench({
      onEvent(event) {
        if (event.type === 'supervisor:opened' && event.generation === 'v2') void writeFile(crash, '');
      },
    });
    const v1 = await serve(b, b.web({CRASH_IF: crash}, {workers: 2}));
    const {generation, ...outcome} = await b.supervisor.replace(
      [v1],
      b.web({VERSION: 'v2', CRASH_IF: crash}, {workers: 2}),
    );
    expect(outcome).toMatchObject({state: 'not-ready', instance: 'web.1/2', kept: ['web.1']});
    expect(pids(b.supervisor)).toHaveLength(2);
    await rm(crash);
    const load = await startLoad(b.port, 10, 'get', 10);
    const third = await b.supervisor.replace([v1, generation!], b.web({VERSION: 'v3'}, {workers: 2}));
    expect(third).toMatchObject({state: 'ready'});
    await Promise.all([v1.drain(), generation!.drain()]);
    expect((await load.finish()).lost).toBe(0);
    expect(b.supervisor.status().generations.map(({name, state}) => `${name} ${state}`)).toEqual(['v3 open']);
  });

  test('a stop meanwhile ends both, and says so', async () => {
    await using b = await bench();
    const v1 = await serve(b, b.web({}, {workers: 2}));
    const replacing = b.supervisor.replace([v1], b.web({VERSION: 'v2', MODE: 'hang'}, {workers: 2}));
    await Promise.all([
      expect(replacing).rejects.toMatchObject({code: 'SUPERVISOR_STOPPED'}),
      b.supervisor.stop(),
    ]);
    expect(pids(b.supervisor)).toEqual([]);
  });
});

describe('how a process type ends', () => {
  test('its own signal, and its own time: both are of the instance', async () => {
    await using b = await bench({graceMs: 60_000});
    const script = (on: string): string =>
      `node -e "process.on('${on}', () => console.log('heard ${on}')); setInterval(() => {}, 1000)"`;
    const instance = {type: 'worker', port: 0, index: 1, stopSignal: 'SIGINT', graceMs: 300} as const;
    const generation = await serve(
      b,
      b.web({}, {instances: [{...instance, name: 'worker.1', command: script('SIGINT')}]}),
    );
    await generation.drain();
    expect(b.log()).toContain('worker.1 heard SIGINT');
    expect(b.events).toContainEqual(
      expect.objectContaining({type: 'supervisor:exited', because: 'was ended by SIGKILL', planned: true}),
    );
  });
});
