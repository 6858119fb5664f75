import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {request as httpRequest, type IncomingMessage} from 'node:http';
import {request as httpsRequest} from 'node:https';
import {connect} from 'node:net';
import {promisify} from 'node:util';
import {describe, expect, test} from '@jest/globals';
import {bin, describeWith, freePort, launchBin, runBin, testdir, until} from '@keelson/test-kit';
import {WebSocket} from 'ws';

import {proxyPorts, secureProxyPort} from '../dist/proxy/proxy-ports.js';
import {hasIPv6} from './foreman-app.ts';

const FOREMAN = bin('foreman', 'keelson-foreman');
const WS = new URL('../node_modules/ws/wrapper.mjs', import.meta.url).href;

/** Tells who it is and what it was asked; echoes on a WebSocket; breaks off in the middle of /half. */
const SERVER = `
import {createServer} from 'node:http';
import {WebSocketServer} from ${JSON.stringify(WS)};
const name = process.env.PS;
const server = createServer((request, response) => {
  if (request.url === '/half') {
    response.writeHead(200, {'content-length': 100});
    response.write('half');
    setTimeout(() => response.destroy(), 50);
    return;
  }
  response.end(JSON.stringify({name, url: request.url, headers: request.headers}));
});
new WebSocketServer({server}).on('connection', (socket, request) => {
  socket.on('message', (data) => socket.send(name + ' ' + data + ' ' + request.headers['x-forwarded-proto']));
});
server.listen(process.env.PORT, process.env.HOST ?? '127.0.0.1', () => console.log('listening'));
`;

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly json: {readonly name: string; readonly url: string; readonly headers: Record<string, string>};
}

async function get(port: number, {path = '/', tls = false, headers = {}} = {}): Promise<Answer> {
  const options = {host: '127.0.0.1', port, path, headers, agent: false, rejectUnauthorized: false} as const;
  const sent = (tls ? httpsRequest : httpRequest)(options).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  const json = body.startsWith('{') ? (JSON.parse(body) as Answer['json']) : {name: '', url: '', headers: {}};
  return {status: response.statusCode!, body, json};
}

async function app(argv: readonly string[], {procfile = 'web: exec node server.mjs\n', env = {}} = {}) {
  const directory = await testdir({Procfile: procfile, 'server.mjs': SERVER, 'run/': ''});
  const base = await freePort();
  const options = {cwd: directory.path, env: {XDG_RUNTIME_DIR: directory.at('run'), ...env}};
  const runner = launchBin(FOREMAN, ['start', '--port', String(base), ...argv], options);
  return {
    directory,
    runner,
    base,
    foreman: (...words: string[]) => runBin(FOREMAN, words, options),
    [Symbol.asyncDispose]: async () => {
      await runner[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** Sends a message, and what comes back. */
async function echo(url: string, message: string): Promise<string> {
  const socket = new WebSocket(url, {rejectUnauthorized: false});
  await once(socket, 'open');
  socket.send(message);
  const [data] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  await once(socket, 'close');
  return String(data);
}

describe('which port is whose', () => {
  test.each<[string[], string[], [string, number][]]>([
    [['8080'], ['web', 'api'], [['web', 8080]]],
    [
      ['8080', '8081'],
      ['web', 'api'],
      [
        ['web', 8080],
        ['api', 8081],
      ],
    ],
    [
      ['api=8081', 'web=8080'],
      ['web', 'api'],
      [
        ['api', 8081],
        ['web', 8080],
      ],
    ],
    [
      ['8080', 'api=8081'],
      ['web', 'api'],
      [
        ['web', 8080],
        ['api', 8081],
      ],
    ],
  ])('%j of %j', (texts, types, expected) => {
    expect(proxyPorts(texts, types)).toEqual(expected.map(([type, port]) => ({type, port})));
  });

  test.each([[['x']], [['8080', '8081']], [['api=1']], [['70000']], [['web=1', 'web=2']], [['']]])(
    'not %j',
    (texts) => {
      expect(() => proxyPorts(texts, ['web'])).toThrow(/--proxy/);
    },
  );

  test('https has its port where node-foreman has it', () => {
    expect([80, 8080, 0].map(secureProxyPort)).toEqual([443, 8523, 0]);
  });
});

describe('reverse proxy', () => {
  test('sends requests on, in turn, and says for whom', async () => {
    const port = await freePort();
    await using it = await app(['web=2', '--proxy', String(port)]);
    await until(() => it.runner.stdout.split('listening').length === 3, {what: 'two servers'});
    const answers = [await get(port, {path: '/a?b=c'}), await get(port), await get(port), await get(port)];
    expect(answers.map(({json}) => json.name).sort()).toEqual(['web.1', 'web.1', 'web.2', 'web.2']);
    expect(answers[0]!.json.url).toBe('/a?b=c');
    expect(answers[0]!.json.headers).toMatchObject({
      host: `127.0.0.1:${port}`,
      'x-forwarded-for': expect.stringContaining('127.0.0.1'),
      'x-forwarded-port': String(port),
      'x-forwarded-proto': 'http',
      'x-forwarded-host': `127.0.0.1:${port}`,
    });
  });

  test('leaves out who does not run; 503 when nobody does, 502 when nobody listens yet', async () => {
    const port = await freePort();
    const procfile = 'web: while [ ! -e go ]; do sleep 0.05; done; exec node server.mjs\n';
    await using it = await app(['web=2', '--proxy', `web=${port}`], {procfile});
    await it.runner.line(/web\.2 +started/);
    const early = await get(port);
    expect([early.status, early.body]).toEqual([502, expect.stringContaining('does not listen')]);
    await it.directory.write({go: ''});
    await until(() => it.runner.stdout.split('listening').length === 3, {what: 'two servers'});
    await it.foreman('stop', 'web.1');
    const names = [await get(port), await get(port), await get(port)].map(({json}) => json.name);
    expect(names).toEqual(['web.2', 'web.2', 'web.2']);
    await it.foreman('stop', 'web');
    const none = await get(port);
    expect([none.status, none.body]).toEqual([503, expect.stringContaining('no web runs')]);
  });

  test('an answer that breaks off breaks off for the client, and the proxy goes on', async () => {
    const port = await freePort();
    await using it = await app(['--proxy', String(port)]);
    await it.runner.line('listening');
    await expect(get(port, {path: '/half'})).rejects.toMatchObject({code: 'ECONNRESET'});
    expect((await get(port)).status).toBe(200);
  });

  test('WebSockets; one to nobody is told so; one whose server dies ends', async () => {
    const port = await freePort();
    await using it = await app(['--proxy', String(port), '--can-die', 'all']);
    await it.runner.line('listening');
    expect(await echo(`ws://127.0.0.1:${port}`, 'hello')).toBe('web.1 hello ws');
    const open = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(open, 'open');
    const closed = once(open, 'close');
    await it.foreman('stop', 'web');
    await closed;
    const [, response] = (await once(
      new WebSocket(`ws://127.0.0.1:${port}`).on('error', () => {}),
      'unexpected-response',
    )) as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(503);
    response.resume();
  });

  (hasIPv6 ? describe : describe.skip)('with IPv6', () => {
    test('an app that listens on ::1 alone', async () => {
      const port = await freePort();
      await using it = await app(['--proxy', String(port)], {env: {HOST: '::1'}});
      await it.runner.line('listening');
      expect((await get(port)).json.name).toBe('web.1');
    });
  });

  test('open connections do not hold up the end, and the port is free again', async () => {
    const port = await freePort();
    await using it = await app(['--proxy', String(port)]);
    await it.runner.line('listening');
    const idle = connect(port, '127.0.0.1').on('error', () => {});
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    await Promise.all([once(idle, 'connect'), once(socket, 'open')]);
    it.runner.kill('SIGTERM');
    expect((await it.runner.exited).code).toBe(143);
    await expect(get(port)).rejects.toMatchObject({code: 'ECONNREFUSED'});
    idle.destroy();
  });

  test('a port that another program has: exit 1, nothing runs', async () => {
    const port = await freePort();
    await using it = await app(['--proxy', String(port)]);
    await it.runner.line('listening');
    const second = await it.foreman('start', '--proxy', String(port), '--port', String(await freePort()));
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`no proxy on 127.0.0.1:${port}`);
    expect(second.stderr).toContain('Another program has it');
    expect(second.stdout).not.toContain('listening');
  });
});

describeWith(['openssl'], 'reverse proxy with TLS', () => {
  test('https and wss beside http, saying so', async () => {
    await using keys = await testdir();
    const subject = ['-subj', '/CN=localhost', '-keyout', keys.at('key.pem'), '-out', keys.at('cert.pem')];
    await promisify(execFile)('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      ...subject,
    ]);
    const port = await freePort();
    const tls = ['--ssl-cert', keys.at('cert.pem'), '--ssl-key', keys.at('key.pem')];
    await using it = await app(['--proxy', String(port), ...tls]);
    await it.runner.line('listening');
    const {json} = await get(secureProxyPort(port), {tls: true});
    expect(json.headers['x-forwarded-proto']).toBe('https');
    expect((await get(port)).json.headers['x-forwarded-proto']).toBe('http');
    expect(await echo(`wss://127.0.0.1:${secureProxyPort(port)}`, 'hello')).toBe('web.1 hello wss');
  });

  test('a file that is missing, or no certificate: exit 1, and why', async () => {
    await using files = await testdir({'no.pem': 'nothing'});
    const start = async (file: string) => {
      const tls = ['--ssl-cert', files.at(file), '--ssl-key', files.at(file)];
      await using it = await app(['--proxy', '0', ...tls]);
      const {code} = await it.runner.exited;
      return `${code} ${it.runner.stderr}`;
    };
    expect(await start('missing.pem')).toMatch(/^1 [^]*cannot read .*missing\.pem/);
    expect(await start('no.pem')).toMatch(/^1 [^]*certificate or its key cannot be used/);
  });
});

describe('forward proxy', () => {
  test('any host is this machine; with --intercept that one alone', async () => {
    const port = await freePort();
    await using it = await app(['--forward', String(port), '--intercept', 'my.example']);
    await it.runner.line('listening');
    const {json} = await get(port, {path: `http://my.example:${it.base}/x?y=z`});
    expect([json.name, json.url, json.headers['host']]).toEqual(['web.1', '/x?y=z', `my.example:${it.base}`]);
    expect(json.headers['x-forwarded-for']).toBeUndefined();
    const other = await get(port, {path: `http://not-mine.invalid:${it.base}/`});
    expect(other.status).toBe(502);
  });

  test('without --intercept all of them; tunnels, too', async () => {
    const port = await freePort();
    await using it = await app(['--forward', String(port)]);
    await it.runner.line('listening');
    expect((await get(port, {path: `http://whatever.invalid:${it.base}/`})).json.name).toBe('web.1');
    const sent = httpRequest({
      host: '127.0.0.1',
      port,
      method: 'CONNECT',
      path: `any.invalid:${it.base}`,
    }).end();
    const [response, socket] = (await once(sent, 'connect')) as [IncomingMessage, import('node:net').Socket];
    expect(response.statusCode).toBe(200);
    socket.write('GET /in HTTP/1.0\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toContain('"url":"/in"');
  });

  test('a request that is for the proxy itself is none; nonsense disturbs nobody', async () => {
    const port = await freePort();
    await using it = await app(['--forward', String(port)]);
    await it.runner.line('listening');
    expect((await get(port)).status).toBe(503);
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.end('\0\0nonsense\r\n\r\n');
    await once(socket, 'close');
    expect((await get(port, {path: `http://x.invalid:${it.base}/`})).status).toBe(200);
  });
});
