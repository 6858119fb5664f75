import {describe, expect, test} from '@jest/globals';
import {once} from 'node:events';
import {readdir, readlink, realpath, rename, rm, stat, symlink} from 'node:fs/promises';
import net from 'node:net';
import {join} from 'node:path';
import {alive, expectFault, testdir, until} from '@keelson/test-kit';
import {fixtures, type Mode, startLoad} from './load.ts';
import {bench, get, pids, serve} from './workloads.ts';

const LOADS: readonly (readonly [Mode, connections: number, thinkMs: number])[] = [
  ['get', 20, 40],
  ['get', 8, 0],
  ['post', 8, 30],
  ['new', 5, 5],
];

describe('hand-over', () => {
  test('three releases in a row under load: no request is lost, all of them served', async () => {
    await using b = await bench({idleMs: undefined});
    let current = await serve(b, b.web({VERSION: 'v1'}, {workers: 2}));
    const loads = await Promise.all(
      LOADS.map(([mode, connections, think]) => startLoad(b.port, connections, mode, think)),
    );
    const drained: Promise<void>[] = [];
    for (const version of ['v2', 'v3', 'v4']) {
      const next = await serve(b, b.web({VERSION: version}, {workers: 2}));
      drained.push(current.drain());
      current = next;
      await until(async () => (await get(b.port)).startsWith(version));
    }
    await Promise.all(drained);
    const results = await Promise.all(loads.map((load) => load.finish()));
    expect(results.map(({lost}) => lost)).toEqual([0, 0, 0, 0]);
    // The last one may come too late for a slow client.
    for (const {versions} of results)
      expect(Object.keys(versions)).toEqual(expect.arrayContaining(['v1', 'v2', 'v3']));
    // Connections were told to go, not found closed.
    expect(results[0]!.lastOnes).toBeGreaterThanOrEqual(20);
    expect(b.supervisor.status().generations.map(({name, state}) => `${name} ${state}`)).toEqual(['v4 open']);
  });

  const bad = [
    [
      'never listens',
      'hang',
      /^never listened on port \d+: the process that the command starts has to listen/,
    ],
    ['listens on another port', 'elsewhere', /^never listened on port \d+: it listens on port \d+ instead/],
    ['answers 500', 'sick', /^answered 500 for GET \/health/],
    ['crashes at boot', 'crash-at-boot', /^exited with code 3 before it was ready/],
    ['hangs in its health check', 'stuck', /within|did not answer/],
  ] as const;
  // Together, for all of them wait most of the time.
  test('a version that never listens, listens elsewhere, answers 500, crashes at boot or hangs gets no request, and the old one serves on', async () => {
    await Promise.all(
      bad.map(async ([name, mode, because]) => {
        await using b = await bench();
        const v1 = await serve(b, b.web());
        const load = await startLoad(b.port, 8, 'get', 10);
        // `stuck` answers once, and that is the only answer it ever gives.
        const health = {path: mode === 'stuck' ? '/other' : '/health', timeoutMs: 1500};
        const v2 = await b.supervisor.start(b.web({VERSION: 'v2', MODE: mode, DELAY_MS: '3000'}, {health}));
        const readiness = await v2.ready();
        expect({name, ...readiness}).toMatchObject({
          name,
          state: 'not-ready',
          instance: 'web.1',
          because: expect.stringMatching(because),
        });
        await v2.stop();
        await get(b.port);
        const {lost, versions} = await load.finish();
        expect(lost).toBe(0);
        expect(Object.keys(versions)).toEqual(['v1']);
        expect(b.log()).not.toContain('GOT TRAFFIC');
        expect(b.supervisor.status().generations).toHaveLength(1);
        await v1.drain();
      }),
    );
  });

  test('not-ready carries what the worker printed last', async () => {
    await using b = await bench();
    const generation = await b.supervisor.start(b.web({MODE: 'crash-at-boot'}));
    expect(await generation.ready()).toMatchObject({
      output: ['v1 crash-at-boot begins', 'cannot find the database'],
    });
    await generation.stop();
  });

  test('before the first open a connection is refused, between open and drain never', async () => {
    await using b = await bench();
    const generation = await b.supervisor.start(b.web());
    expect((await generation.ready()).state).toBe('ready');
    const refused = net.connect(b.port, '127.0.0.1');
    expect(await once(refused, 'error')).toMatchObject([{code: 'ECONNREFUSED'}]);
    await generation.open();
    expect(await get(b.port)).toMatch(/^v1/);
  });

  test('open and SSE-like responses, slow uploads and upgraded connections are finished by the old release', async () => {
    await using b = await bench({idleMs: 500});
    const v1 = await serve(b, b.web());
    const connect = async (head: string) => {
      const socket = net.connect(b.port, '127.0.0.1');
      let text = '';
      socket.on('data', (data) => (text += data.toString('latin1')));
      await once(socket, 'connect');
      socket.write(head);
      return {socket, text: () => text, closed: once(socket, 'close')};
    };
    const stream = await connect('GET /stream HTTP/1.1\r\nHost: x\r\n\r\n');
    const upload = await connect('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n0123456789');
    const upgraded = await connect(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n',
    );
    await until(() => stream.text().includes('part') && upgraded.text().includes('101'));

    const v2 = await serve(b, b.web({VERSION: 'v2'}));
    const drained = v1.drain();
    await until(async () => (await get(b.port)).startsWith('v2'));
    upgraded.socket.write('hello');
    await until(() => upgraded.text().endsWith('v1 hello'));
    upgraded.socket.end();
    upload.socket.write('0123456789');
    await until(() => stream.text().includes('0\r\n\r\n'));
    expect(stream.text()).toContain('last');
    upload.socket.write('0123456789');
    await until(() => upload.text().includes('v1 30 b'));
    expect(upload.text()).toMatch(/connection: close/i);
    await drained;
    await Promise.all([stream.closed, upload.closed, upgraded.closed]);
    await v2.drain();
  });

  test('bake: a version that falls ill or crashes once it has traffic is not ready', async () => {
    await using b = await bench();
    const healthy = await serve(b, b.web());
    expect(await healthy.watch(300)).toEqual({state: 'ready'});
    for (const [mode, because] of [
      ['sick-later', /answered 500/],
      ['crash-on-request', /exited with code 4/],
    ] as const) {
      const next = await serve(b, b.web({VERSION: 'v2', MODE: mode}));
      const watched = next.watch(10_000);
      // Which generation a connection reaches is the kernel's choice.
      for (let asked = 0; asked < 200 && !b.log().includes('exited with code 4'); asked++) {
        if (mode === 'sick-later' && (await get(b.port).catch(() => '')).startsWith('v2')) break;
        if (mode === 'crash-on-request') await get(b.port).catch(() => '');
      }
      expect(await watched).toMatchObject({state: 'not-ready', because: expect.stringMatching(because)});
      await next.stop();
    }
    expect(await get(b.port)).toMatch(/^v1/);
  });

  test('a link to the release is followed once: what was started from it stays when it is switched and its folder goes', async () => {
    await using b = await bench();
    const link = {link: join(fixtures, 'app.mjs')};
    await using root = await testdir({'1/app.mjs': link, '2/app.mjs': link, current: {link: '1'}});
    const release = async (VERSION: string) =>
      serve(b, b.web({VERSION}, {cwd: await realpath(root.at('current'))}));
    const v1 = await release('v1');
    const asked = get(b.port, '/stream');
    await get(b.port);
    await symlink('2', root.at('next'));
    await rename(root.at('next'), root.at('current'));
    const v2 = await release('v2');
    const drained = v1.drain();
    await rm(root.at('1'), {recursive: true});
    expect(await asked).toMatch(/last$/);
    await drained;
    expect(await get(b.port)).toMatch(/^v2/);
    await v2.drain();
  });

  test('what serves stays as it is when the next workload cannot start', async () => {
    await using b = await bench();
    await serve(b, b.web());
    await expect(
      b.supervisor.start(b.web({}, {cwd: join(fixtures, 'no-such-folder')})),
    ).rejects.toMatchObject({
      code: 'SPAWN_NOT_FOUND',
    });
    const twice = b.web();
    await expectFault(
      b.supervisor.start({...twice, instances: [...twice.instances, ...twice.instances]}),
      'SUPERVISOR_WORKLOAD',
    );
    expect(await get(b.port)).toMatch(/^v1/);
    expect(b.supervisor.status().generations).toHaveLength(1);
  });

  test('a port in use is a fault, and nothing is started', async () => {
    await using b = await bench();
    const other = net.createServer().listen(b.port, '127.0.0.1');
    await once(other, 'listening');
    await expectFault(b.supervisor.start(b.web()), 'SUPERVISOR_PORT_IN_USE');
    expect(pids(b.supervisor)).toEqual([]);
    other.close();
  });

  test('a port that was taken between start and open is a fault of open', async () => {
    await using b = await bench();
    const generation = await b.supervisor.start(b.web());
    expect((await generation.ready()).state).toBe('ready');
    const thief = net.createServer().listen(b.port, '127.0.0.1');
    await once(thief, 'listening');
    await expectFault(generation.open(), 'SUPERVISOR_NOT_OPENED');
    await generation.stop();
    thief.close();
  });

  test('the port is free again when its last generation has drained', async () => {
    await using b = await bench();
    const generation = await serve(b, b.web());
    await generation.drain();
    const other = net.createServer().listen(b.port, '127.0.0.1');
    await once(other, 'listening');
    expect(other.listening).toBe(true);
    other.close();
  });
});

describe('processes', () => {
  test('workers of types other than web: ready after a second, TERM when drained', async () => {
    await using b = await bench();
    const command = 'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.1; done';
    const instances = [{name: 'worker.1', type: 'worker', index: 1, command, port: b.port}];
    const generation = await serve(b, b.web({}, {instances}));
    const [pid] = pids(b.supervisor);
    await generation.drain();
    expect(b.log()).toContain('worker.1 bye');
    expect(alive(pid!)).toBe(false);
  });

  test('one that ends within its first second is not ready', async () => {
    await using b = await bench();
    const instances = [
      {name: 'worker.1', type: 'worker', index: 1, command: 'echo no; exit 0', port: b.port},
    ];
    const generation = await b.supervisor.start(b.web({}, {instances}));
    expect(await generation.ready()).toMatchObject({
      state: 'not-ready',
      instance: 'worker.1',
      because: 'exited with code 0 within 1 s of its start',
      output: ['no'],
    });
    await generation.stop();
  });

  test('environment: PORT, PS, KEELSON_*, heap; a second worker is told from the first', async () => {
    await using b = await bench();
    const workload = b.web({NODE_OPTIONS: '--no-warnings'}, {workers: 2});
    const [web] = workload.instances;
    const instances = [
      {...web!, heapMegabytes: 77, memoryBytes: 1_000_000},
      {name: 'once.1', type: 'once', index: 1, heapMegabytes: 66, command: 'node tell-env.mjs', port: 1234},
      {
        name: 'share.1',
        type: 'share',
        index: 1,
        heapMegabytes: 66,
        nodeOptions: '--max-old-space-size=66 --max-semi-space-size=2',
        threadPoolSize: 7,
        command: 'node tell-env.mjs',
        port: 1235,
      },
    ];
    await serve(b, {...workload, name: '12', instances});
    await until(async () => (await get(b.port)).endsWith('web.1/2') || b.log().includes('never'));
    await until(() => b.log().includes('once.1 {'));
    expect(JSON.parse(/once\.1 (\{.*\})/.exec(b.log())![1]!)).toEqual({
      PORT: '1234',
      PS: 'once.1',
      NODE_OPTIONS: expect.stringMatching(/^--max-old-space-size=66 --require=.+ --no-warnings$/),
      KEELSON_OUTPUT: expect.stringMatching(/^\d+:\d+,\d+:\d+$/),
      KEELSON_GENERATION: '12',
      KEELSON_INSTANCE: 'once.1',
      KEELSON_WORKER: '1',
      heap: expect.any(Number),
    });
    await until(() => b.log().includes('share.1 {'));
    const share = JSON.parse(/share\.1 (\{.*\})/.exec(b.log())![1]!);
    expect(share).toMatchObject({
      NODE_OPTIONS: expect.stringMatching(
        /^--max-old-space-size=66 --max-semi-space-size=2 .*--no-warnings$/,
      ),
      UV_THREADPOOL_SIZE: '7',
    });
    expect(share.heap).toBe(66 + 3 * 2);
  });

  test('npm start is run without npm, which would close the socket', async () => {
    await using b = await bench();
    const manifest = JSON.stringify({scripts: {start: `node '${join(fixtures, 'app.mjs')}'`}});
    await using directory = await testdir({'package.json': manifest});
    await serve(b, b.web({}, {command: 'npm start', cwd: directory.path}));
    expect(await get(b.port)).toMatch(/^v1/);
  });

  test('a directory with blanks and quotes, and a command with operators', async () => {
    await using b = await bench();
    await using directory = await testdir({"a b'$(c)/app.mjs": {link: join(fixtures, 'app.mjs')}});
    const cwd = directory.at("a b'$(c)");
    await serve(b, b.web({}, {command: `echo first; cd . && node 'app.mjs'`, cwd}));
    expect(await get(b.port)).toMatch(/^v1/);
    expect(b.log()).toContain('web.1 first');
  });

  test('what a worker started ends with it', async () => {
    await using b = await bench();
    const generation = await serve(b, b.web({MODE: 'grandchild'}));
    const grandchild = Number(/grandchild (\d+)/.exec(b.log())![1]);
    expect(alive(grandchild)).toBe(true);
    await generation.drain();
    expect(alive(grandchild)).toBe(false);
  });

  test('private sockets: a directory of their own, 0700, short enough, gone in the end, and stale ones go', async () => {
    const link = await readlink('/proc/self/ns/pid').catch(() => '0');
    const namespace = Number(/\d+/.exec(link)![0]).toString(36);
    await using directory = await testdir({
      [`keelson-999999999-${namespace}-abcdef/1`]: '',
      'keep/1': '',
    });
    const b = await bench({runtimeDir: directory.path});
    await serve(b, b.web());
    const [own] = (await readdir(directory.path)).filter((name) => name.startsWith('keelson-'));
    expect((await stat(directory.at(own!))).mode & 0o777).toBe(0o700);
    expect(new Set(await readdir(directory.path))).toEqual(new Set(['keep', own]));
    await b[Symbol.asyncDispose]();
    expect(await readdir(directory.path)).toEqual(['keep']);

    await using long = await bench({runtimeDir: directory.at('l'.repeat(120))});
    await serve(long, long.web());
    expect(await get(long.port)).toMatch(/^v1/);
  });

  test('status is plain JSON', async () => {
    await using b = await bench();
    await serve(b, b.web({}, {workers: 2}));
    const status = b.supervisor.status();
    const worker = {
      pid: expect.any(Number),
      state: 'open',
      restarts: 0,
      failures: 0,
      since: expect.stringMatching(/^\d{4}-.*Z$/),
      forMs: expect.any(Number),
    };
    expect(JSON.parse(JSON.stringify(status))).toEqual({
      kind: 'supervisor-status',
      generations: [
        {
          name: 'v1',
          state: 'open',
          instances: [{name: 'web.1', type: 'web', port: b.port, workers: [worker, worker]}],
        },
      ],
    });
    expect(b.events.map(({type}) => type)).toEqual([
      'supervisor:started',
      'supervisor:started',
      'supervisor:ready',
      'supervisor:ready',
      'supervisor:opened',
    ]);
  });

  test('abort of the supervisor drains; start and ready reject with the reason', async () => {
    const controller = new AbortController();
    await using b = await bench({signal: controller.signal});
    await serve(b, b.web());
    const second = await b.supervisor.start(b.web({VERSION: 'v2', MODE: 'hang'}));
    const own = new AbortController();
    const reason = new Error('enough');
    const ready = second.ready({signal: own.signal});
    own.abort(reason);
    await expect(ready).rejects.toBe(reason);
    const all = pids(b.supervisor);
    expect(all).toHaveLength(2);
    controller.abort(new Error('all of it'));
    expect(await b.supervisor.finished).toEqual({exitCode: 0});
    expect(all.filter(alive)).toEqual([]);
    await expectFault(b.supervisor.start(b.web()), 'SUPERVISOR_STOPPED');
  });

  test('a worker that does not drain in time is killed, and finished says so', async () => {
    const b = await bench({graceMs: 300});
    await serve(b, b.web({DELAY_MS: '60000'}));
    const [pid] = pids(b.supervisor);
    const lost = get(b.port).catch((error: Error) => error.message);
    await until(() => b.log().includes('asked'));
    await b.supervisor.stop();
    expect(await b.supervisor.finished).toEqual({exitCode: 1});
    expect(alive(pid!)).toBe(false);
    expect(await lost).toMatch(/fetch failed/);
    await b[Symbol.asyncDispose]();
  });
});
