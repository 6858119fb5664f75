import {describe, expect, test} from '@jest/globals';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {alive, freePort, testdir, until} from '@keelson/test-kit';
import {fixtures, hold, type Worker} from './holder.ts';
import {connect, get} from './raw-client.ts';

const opened = async (worker: Worker): Promise<void> => {
  await worker.message('listening');
  worker.send({keelson: 'open'});
  await worker.message('opened');
};
const printed = (worker: Worker, text: string): Promise<void> =>
  until(() => worker.output().includes(text), {what: `${JSON.stringify(text)} in ${worker.output()}`});
const body = async (port: number, path = '/'): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}${path}`, {headers: {connection: 'close'}})).text();

describe('a held port', () => {
  test.each([
    ['CommonJS', 'plain.cjs', 'cjs'],
    ['ES module', 'plain.mjs', 'esm'],
  ])('%s: private until opened, answers then, drains to exit 0', async (_, program, answer) => {
    await using holder = await hold();
    const worker = holder.start(program);
    expect(await worker.message('listening')).toMatchObject({protocol: 'http'});
    await printed(worker, `callback ${holder.port} true`);
    await expect(connect({port: holder.port})).rejects.toMatchObject({code: 'ECONNREFUSED'});
    worker.send({keelson: 'open'});
    await worker.message('opened');
    expect(await body(holder.port)).toBe(answer);
    worker.send({keelson: 'drain', graceMs: 5000});
    expect(await worker.exited).toEqual({code: 0, signal: null});
  });

  test.each<[string, unknown[]]>([
    ['port', ['PORT']],
    ['port as text', ['"PORT"']],
    ['port, callback', ['PORT', 'CB']],
    ['port, host', ['PORT', '127.0.0.1']],
    ['port, backlog, callback', ['PORT', 100, 'CB']],
    ['port, host, backlog, callback', ['PORT', '0.0.0.0', 100, 'CB']],
    ['port, undefined host, callback', ['PORT', null, 'CB']],
    ['options', [{port: 'PORT'}]],
    ['options with text, callback', [{port: '"PORT"', host: '::', backlog: 5, exclusive: true}, 'CB']],
  ])('listen(%s)', async (_, form) => {
    await using holder = await hold();
    const worker = holder.start('forms.cjs', {FORM: JSON.stringify(form)});
    await opened(worker);
    expect(await body(holder.port)).toBe('form');
    await printed(worker, `event {"address":"127.0.0.1","family":"IPv4","port":${holder.port}}`);
    if (form.includes('CB')) await printed(worker, 'callback');
  });

  test('other servers of the process keep their own ports; the same address twice is EADDRINUSE, another host is not', async () => {
    await using holder = await hold();
    const worker = holder.start('several.cjs');
    await opened(worker);
    expect(await body(holder.port)).toBe('main');
    await printed(worker, 'metrics ');
    const metrics = Number(/metrics (\d+)/.exec(worker.output())![1]);
    expect(await body(metrics)).toBe('metrics');
    expect(await worker.message('elsewhere')).toMatchObject({port: metrics});
    await printed(worker, `again EADDRINUSE listen ${holder.port}`);
    await printed(worker, 'alias listens');
    expect(await body(holder.port)).toBe('main');
  });

  test('a server that only looks whether the port is free, and one that listens again, do not spoil it', async () => {
    await using holder = await hold();
    const worker = holder.start('probe.mjs');
    await printed(worker, 'closed');
    await opened(worker); // asked for while nothing listens
    expect(await body(holder.port)).toBe('real');
  });

  const ask = {
    http: (port: number) => body(port),
    https: async (port: number) => {
      const request = https.get({port, host: '127.0.0.1', rejectUnauthorized: false, agent: false});
      const [response] = await once(request, 'response');
      return String(await text(response));
    },
    http2: (port: number) => http2Body(`http://127.0.0.1:${port}`),
    http2s: (port: number) => http2Body(`https://127.0.0.1:${port}`),
    other: async (port: number) => {
      const client = net.connect(port, '127.0.0.1');
      return String(await text(client));
    },
  };
  const http2Body = async (url: string): Promise<string> => {
    const session = http2.connect(url, {rejectUnauthorized: false});
    const answer = await text(session.request({':path': '/'}));
    session.close();
    return answer;
  };

  test.each(Object.keys(ask) as (keyof typeof ask)[])(
    '%s is told apart, served and drained',
    async (kind) => {
      await using holder = await hold();
      const worker = holder.start('protocols.mjs', {KIND: kind});
      expect((await worker.message('listening')).protocol).toBe(kind);
      await opened(worker);
      expect(await ask[kind](holder.port)).toBe('answer');
      worker.send({keelson: 'drain', graceMs: 5000});
      expect(await worker.exited).toEqual({code: 0, signal: null});
    },
  );

  test('an app whose main file needs a --require hook', async () => {
    await using holder = await hold();
    const main = `require('node:http').createServer((q, s) => s.end('hooked')).listen(process.env.PORT)`;
    // In a folder without "type": "module".
    await using directory = await testdir({'main.app': main});
    const hook = join(fixtures, 'hook.cjs');
    const worker = holder.start([process.execPath, '--require', hook, directory.at('main.app')]);
    await opened(worker);
    expect(await body(holder.port)).toBe('hooked');
    expect(worker.output()).toBe('');
  });

  test('a Node without `require` of ES modules', async () => {
    await using holder = await hold();
    const worker = holder.start('plain.mjs', {NODE_OPTIONS: '--no-experimental-require-module'});
    await opened(worker);
    expect(await body(holder.port)).toBe('esm');
  });

  test('without the inherited descriptor, listen says what is wrong', async () => {
    await using holder = await hold();
    const worker = holder.start([
      '/bin/sh',
      '-c',
      'exec "$0" "$1" 3<&-',
      process.execPath,
      join(fixtures, 'plain.cjs'),
    ]);
    expect((await worker.exited).code).toBe(1);
    expect(worker.output()).toMatch(/EADDRINUSE.*Keelson holds it.*descriptor 3/);
  });
});

describe('what the app sees', () => {
  test.each([
    ['none', undefined],
    ['its own', '--no-warnings --max-old-space-size=300'],
  ])(
    'NODE_OPTIONS is what it was (%s), and neither children nor threads load the preload',
    async (_, options) => {
      await using holder = await hold();
      const worker = holder.start('surroundings.mjs', options === undefined ? {} : {NODE_OPTIONS: options});
      await opened(worker);
      await printed(worker, 'thread');
      const expected = JSON.stringify([options ?? null, []]).slice(0, -1);
      expect(worker.output()).toContain(`app ${expected}]`);
      for (const who of ['child', 'thread']) expect(worker.output()).toContain(`${who} ${expected},""]`);
    },
  );

  test('messages of its own, and none of ours', async () => {
    await using holder = await hold();
    const worker = holder.start('surroundings.mjs');
    await opened(worker);
    worker.process.send({hello: 'app'});
    await printed(worker, 'message {"hello":"app"}');
    expect(worker.output()).not.toContain('keelson');
  });
});

describe('drain', () => {
  test('a request in flight is answered, an idle connection gets its last response', async () => {
    await using holder = await hold();
    const worker = holder.start('plain.cjs');
    await opened(worker);
    const idle = await connect({port: holder.port});
    const busy = await connect({port: holder.port});
    idle.write(get('/'));
    await idle.response();
    busy.write(get('/slow'));
    await until(async () => (await body(holder.port)) === 'cjs');
    worker.send({keelson: 'drain', graceMs: 10_000});
    expect(await busy.response()).toMatchObject({status: 200, connection: 'close', body: 'slow'});
    idle.write(get('/'));
    expect(await idle.response()).toMatchObject({status: 200, connection: 'close'});
    expect((await worker.message('drained')).reports).toMatchObject([{answered: 2, cut: 0}]);
    expect(await worker.exited).toEqual({code: 0, signal: null});
  });

  test('what does not end is cut at graceMs: exit 1', async () => {
    await using holder = await hold();
    const worker = holder.start('plain.cjs');
    await opened(worker);
    const client = await connect({port: holder.port});
    client.write(get('/endless'));
    await until(async () => (await body(holder.port)) === 'cjs');
    worker.send({keelson: 'drain', graceMs: 300});
    expect(await worker.exited).toEqual({code: 1, signal: null});
    await client.closed;
  });

  test('SIGTERM and SIGINT from anyone else change nothing', async () => {
    await using holder = await hold();
    const worker = holder.start('signals.cjs', {EXIT: '9'});
    await opened(worker);
    for (const name of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const) worker.process.kill(name);
    expect(await body(holder.port)).toBe('ok');
    expect(worker.output()).not.toContain('app got');
  });

  test.each([
    ['exits by itself', '5', 5],
    ['closes its server first', 'close', 3],
  ])('the app gets SIGTERM when its last request is answered, and %s', async (_, exit, code) => {
    await using holder = await hold();
    const worker = holder.start('signals.cjs', {EXIT: exit});
    await opened(worker);
    const client = await connect({port: holder.port});
    client.write(get('/'));
    await until(async () => (await body(holder.port)) === 'ok');
    const next = await connect({port: holder.port});
    next.write(get('/'));
    worker.send({keelson: 'drain', graceMs: 5000, idleMs: 500});
    expect((await next.response()).status).toBe(200);
    expect(await worker.exited).toEqual({code, signal: null});
    expect(worker.output()).toContain('app got SIGTERM');
  });

  test('an app that listens to SIGTERM and never ends is ended at the deadline', async () => {
    await using holder = await hold();
    const worker = holder.start('signals.cjs');
    await opened(worker);
    worker.send({keelson: 'drain', graceMs: 400});
    expect(await worker.exited).toEqual({code: 0, signal: null});
  });

  test('an app without anything else to do ends by itself: beforeExit and exit', async () => {
    await using holder = await hold();
    const worker = holder.start('natural.cjs');
    await opened(worker);
    worker.send({keelson: 'drain', graceMs: 5000});
    expect(await worker.exited).toEqual({code: 0, signal: null});
    expect(worker.output()).toMatch(/beforeExit\nexit 0/);
  });

  test('server.close of the app is a drain: its callback comes after the last response', async () => {
    await using holder = await hold();
    const worker = holder.start('closes.cjs');
    await opened(worker);
    const idle = await connect({port: holder.port});
    idle.write(get('/'));
    await idle.response();
    const last = await connect({port: holder.port});
    last.write(get('/last'));
    expect((await last.response()).status).toBe(200);
    idle.write(get('/'));
    expect(await idle.response()).toMatchObject({status: 200, connection: 'close'});
    expect(await worker.exited).toEqual({code: 0, signal: null});
    expect(worker.output()).toContain('closed');
  });

  test('a supervisor that is gone: the worker drains and leaves', async () => {
    await using holder = await hold();
    const worker = holder.start('plain.cjs');
    await opened(worker);
    const client = await connect({port: holder.port});
    client.write(get('/slow'));
    await until(async () => (await body(holder.port)) === 'cjs');
    worker.process.disconnect();
    expect(await client.response()).toMatchObject({status: 200, connection: 'close'});
    expect(await worker.exited).toEqual({code: 0, signal: null});
  });
});

describe('the preload without a supervisor', () => {
  const run = async (program: string, env: Record<string, string> = {}, flag = '--import') => {
    const port = await freePort();
    const child = spawn(process.execPath, [flag, '@keelson/graceful/preload', join(fixtures, program)], {
      cwd: fixtures,
      env: {PATH: process.env['PATH']!, PORT: String(port), ...env},
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    return {
      port,
      child,
      exited,
      [Symbol.asyncDispose]: async () => {
        if (alive(child.pid!)) child.kill('SIGKILL');
        await exited;
      },
    };
  };

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s drains: the request in flight is answered, exit 0',
    async (name) => {
      await using app = await run('plain.cjs');
      const client = await connect({port: app.port});
      client.write(get('/slow'));
      await until(async () => (await body(app.port)) === 'cjs');
      app.child.kill(name);
      expect(await client.response()).toMatchObject({status: 200, connection: 'close', body: 'slow'});
      expect(await app.exited).toEqual([0, null]);
    },
  );

  test('--require loads it as well', async () => {
    await using app = await run('plain.cjs', {}, '--require');
    expect(await body(app.port)).toBe('cjs');
    app.child.kill('SIGTERM');
    expect(await app.exited).toEqual([0, null]);
  });

  test('whoever waits in the accept queue when the signal comes is answered', async () => {
    await using app = await run('plain.cjs');
    const block = connect({port: app.port}).then((client) => (client.write(get('/block')), client));
    await once(app.child.stdout, 'data');
    // The event loop stands still: the kernel alone takes these.
    const queued = await Promise.all(Array.from({length: 20}, () => connect({port: app.port})));
    for (const client of queued) client.write(get('/'));
    app.child.kill('SIGTERM');
    const answers = await Promise.all([...queued, await block].map((client) => client.response()));
    expect(answers.map(({status}) => status)).toEqual(Array.from({length: 21}, () => 200));
    expect(await app.exited).toEqual([0, null]);
  });

  test('a second signal ends at once', async () => {
    await using app = await run('plain.cjs');
    const client = await connect({port: app.port});
    client.write(get('/endless'));
    await until(async () => (await body(app.port)) === 'cjs');
    app.child.kill('SIGINT');
    await until(() =>
      connect({port: app.port}).then(
        () => false,
        () => true,
      ),
    );
    app.child.kill('SIGINT');
    expect(await app.exited).toEqual([130, null]);
  });

  test('KEELSON_GRACE_MS and KEELSON_IDLE_MS are its budgets', async () => {
    await using app = await run('plain.cjs', {KEELSON_GRACE_MS: '300', KEELSON_IDLE_MS: '50'});
    const client = await connect({port: app.port});
    client.write(get('/endless'));
    await until(async () => (await body(app.port)) === 'cjs');
    app.child.kill('SIGTERM');
    expect(await app.exited).toEqual([1, null]);
  });

  test('a program without a server dies of the signal', async () => {
    await using app = await run('no-server.mjs');
    app.child.kill('SIGTERM');
    expect(await app.exited).toEqual([null, 'SIGTERM']);
  });
});
