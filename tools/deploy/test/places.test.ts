import {once} from 'node:events';
import {stat} from 'node:fs/promises';
import {createServer} from 'node:http';
import {describe, expect, test} from '@jest/globals';
import {expectFault, testdir} from '@keelson/test-kit';
import {splitApp} from '../dist/app-releases.js';
import {askServer} from '../dist/ask-server.js';
import {controlSocket} from '../dist/control-server.js';
import type {HostedApp} from '../dist/hosted-app.js';
import {keepResuming} from '../dist/keep-resuming.js';
import {parseAddress} from '../dist/parse-address.js';
import {openPortTable} from '../dist/port-table.js';
import {pushToken, tokenFile} from '../dist/push-token.js';
import {requireTemporary} from '../dist/require-temporary.js';

describe('parseAddress', () => {
  test.each([
    ['127.0.0.1:7000', {host: '127.0.0.1', port: 7000}],
    ['7000', {host: '127.0.0.1', port: 7000}],
    ['localhost:0', {host: 'localhost', port: 0}],
    ['[::1]:7000', {host: '::1', port: 7000}],
  ])('%s', (address, expected) => {
    expect(parseAddress(address)).toEqual(expected);
  });

  test.each(['', 'host', 'host:', ':7000', '127.0.0.1:99999', '::1:7000', 'a b:1'])(
    '%j is refused',
    async (address) => {
      await expectFault(() => parseAddress(address), 'SERVE_BAD_ADDRESS');
    },
  );
});

describe('the port table', () => {
  test('gives each app a base of its own and keeps it', async () => {
    await using dir = await testdir({'.keelson/x': ''});
    const table = await openPortTable(dir.path, 5000);
    expect([await table.baseOf('one'), await table.baseOf('two'), await table.baseOf('one')]).toEqual([
      5000, 6000, 5000,
    ]);
    const again = await openPortTable(dir.path, 9000);
    expect([await again.baseOf('two'), await again.baseOf('three')]).toEqual([6000, 9000]);
  });
});

describe('the push token', () => {
  test('is made once, is long, and only its owner may read it', async () => {
    await using dir = await testdir({'.keelson/x': ''});
    const token = await pushToken(dir.path);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(await pushToken(dir.path)).toBe(token);
    expect((await stat(tokenFile(dir.path))).mode & 0o777).toBe(0o600);
  });
});

test('a root too long for a unix socket is refused with how much to cut', async () => {
  const fault = await expectFault(() => controlSocket(`/${'x'.repeat(100)}`), 'SERVE_PATH_TOO_LONG');
  expect(fault.hint).toMatch(/16 bytes shorter/);
});

test.each([
  ['shop 3', 'shop', 'shop'],
  ['shop', 'shop', 'shop'],
  ['blog A=1', 'blog', undefined],
  ['title', 'title', undefined],
  ['v3', undefined, undefined],
  ['v4', 'v4', undefined],
  ['3', undefined, undefined],
  ['A=1', undefined, undefined],
])(
  '%s begins with the app %s for a server, with %s where --root is the app’s',
  async (words, ofServer, own) => {
    await using dir = await testdir({'shop/.keelson/releases/1.json': '{}', 'v4/current': ''});
    const appIn = (root: string) => splitApp(words.split(' '), root).app;
    expect([appIn(dir.path), appIn(dir.at('shop'))]).toEqual([ofServer, own]);
  },
);

test('whoever asks a server that is killed is told so, and may try again', async () => {
  await using dir = await testdir({'.keelson/x': ''});
  const server = createServer((request, response) =>
    response.write('{"event": {"type": "deploy:pruned", "releases": []}}\n', () => request.socket.destroy()),
  );
  await once(server.listen(controlSocket(dir.path)), 'listening');
  try {
    const asked = askServer(dir.path, {method: 'GET', path: '/status'});
    const fault = await expectFault(asked, 'SERVE_FAILED');
    expect(fault).toMatchObject({
      temporary: true,
      message: expect.stringContaining('ended before it answered'),
    });
  } finally {
    server.close();
  }
});

test('an app that cannot be opened is tried again, too', async () => {
  await using dir = await testdir();
  const app = {root: dir.path, runtime: {running: () => undefined}} as Partial<HostedApp> as HostedApp;
  const told: (string | undefined)[] = [];
  let tried = 0;
  let settle!: () => void;
  const settled = new Promise<void>((resolve) => (settle = resolve));
  const open = async () => {
    if (++tried < 3) throw new Error('the disk is full');
    settle();
    return app;
  };
  await using resuming = await keepResuming(open, {
    deploys: {allowRoot: true},
    onAttempt: ({because}) => void told.push(because),
    pause: () => 1,
  });
  expect(resuming.state()).toMatchObject({because: 'the disk is full'});
  await settled;
  expect(told).toEqual(['the disk is full', 'the disk is full']);
});

test('a TMPDIR that cannot hold anything is told at the start of a server', async () => {
  await using dir = await testdir();
  await requireTemporary(dir.path);
  const fault = await expectFault(requireTemporary(dir.at('none')), 'SERVE_BAD_VALUE');
  expect(fault.message).toBe(`${dir.at('none')} cannot hold temporary files: ENOENT`);
  expect(fault.hint).toContain('TMPDIR');
});
