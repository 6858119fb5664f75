import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {once} from 'node:events';
import {describe, expect, test} from '@jest/globals';
import {expectFault, freePort} from '@keelson/test-kit';

import {checkDependencies} from '../dist/ready-order.js';
import {parseDepends, parseReady} from '../dist/ready-given.js';
import {app, hasIPv6} from './foreman-app.ts';

/** `db` gets ready when it is told to; `web` says when it starts. */
const tree = (db: string) => (mark: string) => ({
  Procfile: `web: echo web; exec sleep ${mark}\ndb: ${db}\n`,
  'db.mjs': `import {createServer} from 'node:http';
    import {existsSync} from 'node:fs';
    import {setTimeout as delay} from 'node:timers/promises';
    console.log('begins');
    while (!existsSync('go')) await delay(10);
    const server = createServer((request, response) => {
      response.statusCode = existsSync('healthy') ? 204 : 503;
      response.end();
    });
    server.listen(process.env.PORT, process.env.HOST ?? '127.0.0.1', () => console.log('\\u001b[32mnow\\u001b[0m listening'));`,
});
const DB = 'exec node db.mjs';

describe('a process that others depend on', () => {
  type Row = [how: string, ready: string, env: Record<string, string>];
  test.each<Row>([
    ['a line, in colour', 'db=line:^now listening$', {}],
    ['its port', 'db=port', {}],
    ...(hasIPv6 ? [['its port on ::1', 'db=port', {HOST: '::1'}] satisfies Row] : []),
    ['a page', 'db=/health', {}],
  ])('they start when it is ready: %s', async (_, ready, env) => {
    await using it = await app(tree(DB));
    const base = await freePort();
    const argv = ['--no-control', '--port', String(base), '--ready', ready, '--depends', 'web=db'];
    await using runner = it.start(argv, {env});
    await runner.line('| begins');
    expect(runner.stderr).not.toContain('web.1');
    await it.dir.write({go: '', healthy: ''});
    await Promise.all([runner.line('| web'), runner.line('web.1 started')]);
    expect(runner.stderr.indexOf('db.1 is ready')).toBeGreaterThan(-1);
    expect(runner.stderr.indexOf('db.1 is ready')).toBeLessThan(runner.stderr.indexOf('web.1 started'));
  });

  test('a page that answers 503 is not ready yet', async () => {
    await using it = await app(tree(DB));
    const base = await freePort();
    const argv = ['--no-control', '--port', String(base), '--ready', 'db=/', '--depends', 'web=db'];
    await using runner = it.start(argv);
    await it.dir.write({go: ''});
    await runner.line('listening');
    const answered = await fetch(`http://127.0.0.1:${base + 100}/`);
    expect([answered.status, runner.stdout.includes('| web')]).toEqual([503, false]);
    await it.dir.write({healthy: ''});
    await runner.line('| web');
  });

  test('package.json says it; another port; all instances count', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const {port} = server.address() as AddressInfo;
    const processes = {web: {dependsOn: ['db']}, db: {ready: {port}}};
    await using it = await app((mark) => ({
      Procfile: `web: echo web; exec sleep ${mark}\ndb: exec sleep ${mark}\n`,
      'package.json': JSON.stringify({name: 'app', keelson: {formation: {web: 1, db: 2}, processes}}),
    }));
    await using runner = it.start(['--no-control']);
    await runner.line('web.1 started');
    const before = runner.stderr.slice(0, runner.stderr.indexOf('web.1 started'));
    expect(before).toContain('db.1 is ready');
    expect(before).toContain('db.2 is ready');
    server.close();
  });

  test('one that never is: exit 1, why, and nobody is left', async () => {
    await using it = await app((mark) => ({
      Procfile: `web: echo web; exec sleep ${mark}\ndb: exec sleep ${mark}\nother: exec sleep ${mark}\n`,
    }));
    await using runner = it.start([
      '--no-control',
      '--ready',
      'db=line:ready',
      '--ready-timeout',
      '1',
      '--depends',
      'web=db',
    ]);
    expect(await runner.exited).toEqual({code: 1, signal: null});
    expect(runner.stderr).toContain('db.1 is not ready, and web.1 wait for it');
    expect(runner.stderr).toContain('did not print a line that matches /ready/ within 1 s');
    expect(runner.stdout).not.toContain('| web');
    await it.nobodyLeft();
  });

  test('one that has ended, although it may, before it was ready: the same', async () => {
    await using it = await app((mark) => ({Procfile: `web: exec sleep ${mark}\ndb: echo done\n`}));
    const flags = ['--can-die', 'db', '--ready', 'db=port', '--depends', 'web=db'];
    const {code, stderr} = await it.run(['start', '--no-control', ...flags]);
    expect(code).toBe(1);
    expect(stderr).toContain('db.1 is not ready, and web.1 wait for it: it exited with code 0');
  });

  test('one that is slower the second time ends nothing: nobody waits any more', async () => {
    await using it = await app((mark) => ({
      Procfile: `web: echo web; exec sleep ${mark}\ndb: [ -e again ] || echo ready; touch again; exec sleep ${mark}\n`,
      'run/': '',
    }));
    const env = {XDG_RUNTIME_DIR: it.dir.at('run')};
    const flags = ['--ready', 'db=line:ready', '--ready-timeout', '1', '--depends', 'web=db'];
    await using runner = it.start(flags, {env});
    await runner.line('| web');
    expect((await it.run(['restart', 'db'], {env})).code).toBe(0);
    await runner.line('db.1 is not ready');
    expect((await it.run(['ps'], {env})).stdout).toMatch(/web\.1 +running[^]*db\.1 +starting/);
  });

  test('a circle, or a name that is not there, is refused before anything starts', async () => {
    await using it = await app(tree(DB));
    const refusedWith = async (exitCode: number, words: readonly string[]) => {
      const {code, stdout, stderr} = await it.run(['start', '--no-control', ...words]);
      expect([code, stdout]).toEqual([exitCode, '']);
      return stderr;
    };
    const refused = (...words: string[]) => refusedWith(1, words);
    expect(await refused('--depends', 'web=db', '--depends', 'db=web')).toContain('web → db → web');
    expect(await refused('--depends', 'web=dp')).toContain('no process "dp"');
    expect(await refusedWith(2, ['--ready', 'db=prot'])).toContain('"prot" is no condition');
    const portless = await it.run([
      'start',
      '--no-control',
      '--no-port',
      '--ready',
      'db=port',
      '--depends',
      'web=db',
    ]);
    expect([portless.code, portless.stderr.includes('it has no PORT to look at')]).toEqual([1, true]);
  });
});

describe('what flags say', () => {
  test('as package.json says it', () => {
    expect(parseReady(['a=port', 'b=port:5432', 'c=/x', 'd=http:/y', 'e=line:a,b=c:d'], 5)).toEqual({
      a: {port: true, timeoutMs: 5},
      b: {port: 5432, timeoutMs: 5},
      c: {http: '/x', timeoutMs: 5},
      d: {http: '/y', timeoutMs: 5},
      e: {line: 'a,b=c:d', timeoutMs: 5},
    });
    expect(parseDepends(['a=b,c', 'a=d', 'b=c'])).toEqual({a: ['b', 'c', 'd'], b: ['c']});
  });

  test.each(['a', 'a=', '=port', 'a=port:0', 'a=port:65536', 'a=http:x', 'a=line:(', 'a b=port'])(
    'not %j',
    async (text) => {
      await expectFault(async () => parseReady([text]), 'FOREMAN_ARGUMENT');
    },
  );

  test.each(['a', 'a=', 'a=,', '=b', 'a=b c'])('no dependency: %j', async (text) => {
    await expectFault(async () => parseDepends([text]), 'FOREMAN_ARGUMENT');
  });

  test('circles of any length', async () => {
    const types = ['a', 'b', 'c', 'd'];
    checkDependencies({a: ['b', 'c'], b: ['d'], c: ['d']}, types);
    const fault = await expectFault(
      async () => checkDependencies({a: ['b'], b: ['c'], c: ['d'], d: ['b']}, types),
      'FOREMAN_CYCLE',
    );
    expect(fault.message).toContain('b → c → d → b');
    await expectFault(async () => checkDependencies({a: ['a']}, types), 'FOREMAN_CYCLE');
    await expectFault(async () => checkDependencies({a: ['x']}, types), 'FOREMAN_OPTIONS');
  });
});
