import {describe, expect, test} from '@jest/globals';
import {execFileSync} from 'node:child_process';
import net from 'node:net';
import {once} from 'node:events';
import {join} from 'node:path';
import fc from 'fast-check';
import {freePort, expectFault, testdir} from '@keelson/test-kit';
import {fixtures} from './load.ts';
import {holdSocket} from '../dist/held-socket.js';
import {isoTime} from '../dist/moment.js';
import {packageScript} from '../dist/package-script.js';
import {restartDelay} from '../dist/restart-delay.js';
import {workerLine} from '../dist/worker-line.js';

describe('workerLine', () => {
  test.each([
    ['node server.js', 'exec node server.js'],
    ['  node server.js', '  exec node server.js'],
    ['./bin/server --port $PORT', 'exec ./bin/server --port $PORT'],
    ['A=1 B="x y" node app.js', 'A=1 B="x y" exec node app.js'],
    ["A='x y' node app.js", "A='x y' exec node app.js"],
    ['"$NODE" app.js', 'exec "$NODE" app.js'],
    ['A=x\\ y node app.js', 'A=x\\ y exec node app.js'],
    ['A="x\\"y" node app.js', 'A="x\\"y" exec node app.js'],
    ['node app.js | tee log', 'node app.js | tee log'],
    ['node a.js && node b.js', 'node a.js && node b.js'],
    ['cd app; node server.js', 'cd app; node server.js'],
    ['exec node app.js', 'exec node app.js'],
    ['cd app', 'cd app'],
    ['if true', 'if true'],
    ['A=1', 'A=1'],
    ['node app.js > log', 'node app.js > log'],
    ['node $(which app)', 'node $(which app)'],
    ['{ node app.js', '{ node app.js'],
    ['', ''],
  ])('%j', (command, line) => {
    expect(workerLine(command)).toBe(line);
  });

  const word = fc.oneof(
    fc.stringMatching(/^[\w./@:=-]{1,8}$/),
    fc.string({maxLength: 8}).map((text) => `'${text.replace(/['\0]/g, '')}'`),
    fc.stringMatching(/^[\w $|&;<>()*-]{0,8}$/).map((text) => `"${text.replaceAll('$', '\\$')}"`),
    fc.constantFrom('$KNOWN', '"$KNOWN"', '~', 'a\\ b'),
  );
  const assignment = fc
    .tuple(fc.stringMatching(/^[A-Z_]{1,3}$/), word)
    .map(([name, value]) => `X${name}=${value}`);
  const sh = (line: string): string =>
    execFileSync('/bin/sh', ['-c', line], {
      encoding: 'latin1',
      env: {PATH: process.env['PATH']!, HOME: '/h', KNOWN: 'k n'},
    });

  test('the shell runs the same program with the same words and environment', () => {
    fc.assert(
      fc.property(
        fc.array(assignment, {maxLength: 2}),
        fc.array(word, {maxLength: 4}),
        (assignments, words) => {
          const command = [...assignments, 'node', `'${join(fixtures, 'tell.mjs')}'`, ...words].join(' ');
          expect(sh(workerLine(command))).toBe(sh(command));
        },
      ),
      {numRuns: 10},
    );
  });
});

describe('packageScript', () => {
  const manifest = {
    name: 'shop',
    version: '1.2.3',
    scripts: {
      start: 'node server.js --quiet',
      serve: 'npm run start -- --loud',
      loop: 'npm run loop',
      web: 'node web.js',
      preweb: 'node migrate.js',
      postweb: 'echo bye',
    },
  };
  const cases: [string, string | undefined][] = [
    ['npm start', 'node server.js --quiet'],
    ['npm -s start', 'node server.js --quiet'],
    ['npm run start', 'node server.js --quiet'],
    ['npm run-script start -- --port 3 "a b"', 'node server.js --quiet --port 3 "a b"'],
    ['yarn start', 'node server.js --quiet'],
    ['yarn run start', 'node server.js --quiet'],
    ['pnpm start', 'node server.js --quiet'],
    ['pnpm run web', 'node web.js'],
    ['node --run start', 'node server.js --quiet'],
    ['npm run serve', 'node server.js --quiet --loud'],
    ['npm run web', '{ node migrate.js\n} && { node web.js\n} && { echo bye\n}'],
    ['npm run missing', undefined],
    ['npm install', undefined],
    ['npm run start --workspace a', undefined],
    ['npm run start a -- -b', 'node server.js --quiet a -b'],
    ['npm run start --', 'node server.js --quiet'],
    ['yarn start -- --port 3', 'node server.js --quiet --port 3'],
    ['yarn start --port 3', 'node server.js --quiet --port 3'],
    ['pnpm start --port 3', 'node server.js --quiet --port 3'],
    ['npm --prefix sub start', undefined],
    ['npm start && echo', undefined],
    ['node server.js', undefined],
    ['npx next start', undefined],
  ];

  test.each(cases)('%s', async (command, line) => {
    await using directory = await testdir({'package.json': JSON.stringify(manifest)});
    expect((await packageScript(command, directory.path, {PATH: '/bin'}))?.line).toBe(line);
  });

  test('a script that calls itself ends', async () => {
    await using directory = await testdir({'package.json': JSON.stringify(manifest)});
    expect((await packageScript('npm run loop', directory.path, {}))?.line).toBe('npm run loop');
  });

  test('has the environment of npm', async () => {
    await using directory = await testdir({'package.json': JSON.stringify(manifest)});
    const script = await packageScript('npm start', directory.path, {PATH: '/bin'});
    expect(script?.env).toMatchObject({
      npm_lifecycle_event: 'start',
      npm_package_name: 'shop',
      npm_package_version: '1.2.3',
      INIT_CWD: directory.path,
    });
    expect(script?.env['PATH']).toMatch(/^\/.*node_modules\/\.bin:.*:\/bin$/);
  });

  test.each(['{', '"text"', '{"scripts": {"start": 5}}'])(
    'leaves a package.json like %s to the package manager',
    async (text) => {
      await using directory = await testdir({'package.json': text});
      expect(await packageScript('npm start', directory.path, {})).toBeUndefined();
    },
  );
});

describe('restartDelay', () => {
  test('doubles from 100 ms to 30 s, give or take 20 %', () => {
    const middle = [0, 1, 2, 3, 8, 9, 100, 2000].map((failures) => restartDelay(failures, 0.5));
    expect(middle).toEqual([100, 200, 400, 800, 25_600, 30_000, 30_000, 30_000]);
    expect([restartDelay(0, 0), restartDelay(0, 1)]).toEqual([80, 120]);
  });
});

describe('holdSocket', () => {
  test('binds without listening, and gives the port back', async () => {
    const port = await freePort();
    const socket = holdSocket('127.0.0.1', port);
    const client = net.connect({port, host: '127.0.0.1'});
    const [error] = await once(client, 'error');
    expect(error).toMatchObject({code: 'ECONNREFUSED'});
    socket.close();
    holdSocket('localhost', port).close();
  });

  test('a port in use is a fault that names it and says how to find who has it', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const {port} = other.address() as net.AddressInfo;
    const fault = await expectFault(() => holdSocket('127.0.0.1', port), 'SUPERVISOR_PORT_IN_USE');
    expect(fault.message).toContain(`127.0.0.1:${port}`);
    expect(fault.hint).toContain(String(port));
    other.close();
  });

  test.each(['example.org', '203.0.113.7', ''])('host %j is none of ours', async (host) => {
    await expectFault(() => holdSocket(host, 12_345), 'SUPERVISOR_HOST');
  });
});

test('isoTime is toISOString', () => {
  const years = {min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true};
  fc.assert(fc.property(fc.date(years), (date) => isoTime(date) === date.toISOString()));
});
